"""A UDP relay that harms what passes it, by a seeded rule, and notes what it sees of QUIC: the network of the interop cases, in
one process and without privileges."""
import heapq
import itertools
import random
import selectors
import socket
import threading
import time

VERSIONS = {1: ["initial", "0rtt", "handshake", "retry"], 0x6B3343CF: ["retry", "initial", "0rtt", "handshake"]}
MTU_OVERHEAD = 28


def packets_of(datagram):
    """(kind, version) of each packet in a datagram; what follows a short header cannot be told."""
    at = 0
    while at < len(datagram):
        first = datagram[at]
        if not first & 0x80:
            yield ("short", None)
            return
        if at + 7 > len(datagram):
            return
        version = int.from_bytes(datagram[at + 1:at + 5], "big")
        if version == 0:
            yield ("negotiation", 0)
            return
        kind = VERSIONS.get(version, VERSIONS[1])[first >> 4 & 3]
        yield (kind, version)
        if kind == "retry" or version not in VERSIONS:
            return
        at += 5
        at += 1 + datagram[at]
        at += 1 + datagram[at]

        def number():
            nonlocal at
            width = 1 << (datagram[at] >> 6)
            value = int.from_bytes(datagram[at:at + width], "big") & ((1 << (8 * width - 2)) - 1)
            at += width
            return value
        try:
            if kind == "initial":
                token = number()
                if token:
                    yield ("token", version)
                at += token
            size = number()
            at += size
        except IndexError:
            return


class Wire:
    """Rules: delay (s, each way), rate (bytes/s), queue (datagrams), loss, corrupt, duplicate, reorder (probabilities),
    drops_in_a_row (at most so many), blackhole ((from, to) s after the first datagram), rebind ("port" or "address"; first after
    1 s, then every 5), lose_from_client (numbers of a connection's first datagrams)."""

    def __init__(self, server_port, family=socket.AF_INET, seed=1, **rules):
        self.family, self.rules, self.random = family, rules, random.Random(seed)
        self.loopback = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.server = (self.loopback, server_port)
        self.front = self.bind("0.0.0.0" if family == socket.AF_INET else "::")
        self.port = self.front.getsockname()[1]
        self.select = selectors.DefaultSelector()
        self.select.register(self.front, selectors.EVENT_READ)
        self.clients = {}
        self.queue, self.order = [], itertools.count()
        self.free_at = {True: 0.0, False: 0.0}
        self.dropped_in_a_row = {True: 0, False: 0}
        self.begun = self.rebound_at = None
        self.rebinds = 0
        self.seen = {"client": {}, "server": {}, "versions": set(), "ecn_client": 0, "ecn_server": 0, "dropped": 0, "corrupted": 0,
                     "amplified": 0.0, "server_versions": set(), "client_addresses": set()}
        self.stopped = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def bind(self, address):
        made = socket.socket(self.family, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        if self.family == socket.AF_INET:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        made.bind((address, 0))
        return made

    def close(self):
        self.stopped = True
        self.thread.join()
        for made in [self.front] + [client["back"] for client in self.clients.values()]:
            made.close()

    def new_back(self, client, other_address=False):
        address = self.loopback
        if other_address:
            address = "127.0.0.%d" % (20 + self.rebinds)
        back = self.bind(address)
        self.select.register(back, selectors.EVENT_READ, client)
        return back

    def receive(self, made, client):
        for _ in range(64):
            try:
                data, extra, _, source = made.recvmsg(65536, 64)
            except (BlockingIOError, ConnectionRefusedError):
                return
            tos = extra[0][2][0] if extra else 0
            if client is None:
                found = self.clients.get(source)
                if found is None:
                    found = {"address": source, "count": 0, "in": 0, "out": 0, "validated": False}
                    found["back"] = self.new_back(found)
                    self.clients[source] = found
                self.pass_on(found, True, data, tos & 3)
            else:
                self.pass_on(client, False, data, tos & 3)

    def note(self, client, to_server, data, mark):
        kinds = self.seen["client" if to_server else "server"]
        for kind, version in packets_of(data):
            kinds[kind] = kinds.get(kind, 0) + 1
            if version:
                self.seen["versions"].add(version)
                if not to_server:
                    self.seen["server_versions"].add(version)
            # A client that writes Handshake packets has read the server's: its address is real.
            if to_server and kind == "handshake":
                client["validated"] = True
        if mark:
            self.seen["ecn_client" if to_server else "ecn_server"] += 1
        if not to_server:
            client["out"] += len(data)
            if not client["validated"] and client["in"]:
                self.seen["amplified"] = max(self.seen["amplified"], client["out"] / client["in"])

    def pass_on(self, client, to_server, data, mark):
        now = time.monotonic()
        if self.begun is None:
            self.begun = self.rebound_at = now
        self.note(client, to_server, data, mark)
        if to_server:
            client["count"] += 1
            self.seen["client_addresses"].add(client["address"][0])
        if self.harmed(client, to_server, now):
            self.seen["dropped"] += 1
            return
        if to_server:
            client["in"] += len(data)
        rules = self.rules
        if self.random.random() < rules.get("corrupt", 0):
            at = self.random.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1:]
            self.seen["corrupted"] += 1
        due = now
        if "rate" in rules:
            waiting = self.free_at[to_server] - now
            if waiting * rules["rate"] > rules.get("queue", 25) * 1500:
                self.seen["dropped"] += 1
                return
            due = max(now, self.free_at[to_server]) + (len(data) + MTU_OVERHEAD) / rules["rate"]
            self.free_at[to_server] = due
        due += rules.get("delay", 0)
        if self.random.random() < rules.get("reorder", 0):
            due += 0.01
        for _ in range(2 if self.random.random() < rules.get("duplicate", 0) else 1):
            heapq.heappush(self.queue, (due, next(self.order), client, to_server, data, mark))

    def harmed(self, client, to_server, now):
        rules = self.rules
        if "blackhole" in rules and rules["blackhole"][0] <= now - self.begun < rules["blackhole"][1]:
            return True
        if to_server and client["count"] in rules.get("lose_from_client", ()):
            return True
        if self.random.random() < rules.get("loss", 0) and self.dropped_in_a_row[to_server] < rules.get("drops_in_a_row", 1000):
            self.dropped_in_a_row[to_server] += 1
            return True
        self.dropped_in_a_row[to_server] = 0
        return False

    def send(self, client, to_server, data, mark):
        made = client["back"] if to_server else self.front
        level, option = (socket.IPPROTO_IP, socket.IP_TOS) if self.family == socket.AF_INET else (socket.IPPROTO_IPV6, socket.IPV6_TCLASS)
        try:
            if client.get(("mark", to_server)) != mark or not to_server:
                made.setsockopt(level, option, mark)
                client[("mark", to_server)] = mark
            made.sendto(data, self.server if to_server else client["address"])
        except OSError:
            pass  # nobody is there any more

    def rebind(self, now):
        for client in list(self.clients.values()):
            self.rebinds += 1
            # What is still on its way to the old place is lost, as behind a NAT.
            self.select.unregister(client["back"])
            client["back"].close()
            client["back"] = self.new_back(client, self.rules["rebind"] == "address")
            client.pop(("mark", True), None)
        self.rebound_at = now + 4

    def run(self):
        while not self.stopped:
            now = time.monotonic()
            while self.queue and self.queue[0][0] <= now:
                _, _, client, to_server, data, mark = heapq.heappop(self.queue)
                self.send(client, to_server, data, mark)
            if "rebind" in self.rules and self.begun and now - self.rebound_at > 1:
                self.rebind(now)
            wait = min(0.05, max(0.0, self.queue[0][0] - now)) if self.queue else 0.05
            for key, _ in self.select.select(wait):
                self.receive(key.fileobj, key.data)
