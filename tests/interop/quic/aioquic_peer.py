"""aioquic as an HTTP/3 server and client, with the command line of quic_peer.cc. What it cannot do ends with 127."""
import argparse
import asyncio
import json
import os
import sys

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, ProtocolNegotiated, StreamReset
from aioquic.quic.packet import QuicProtocolVersion
from aioquic.tls import CipherSuite, SessionTicket

facts = {"resumed": 0, "early": 0, "failed": 0, "key_updates": 0}


def configuration(options, is_client):
    made = QuicConfiguration(is_client=is_client, alpn_protocols=H3_ALPN)
    if options.v2:
        made.supported_versions = [QuicProtocolVersion.VERSION_2, QuicProtocolVersion.VERSION_1]
        if is_client:
            made.original_version = QuicProtocolVersion.VERSION_2
    if options.chacha20:
        made.cipher_suites = [CipherSuite.CHACHA20_POLY1305_SHA256]
    return made


class Server(QuicConnectionProtocol):
    www = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = None

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        if self.http is None:
            return
        for happened in self.http.handle_event(event):
            if isinstance(happened, HeadersReceived):
                self.answer(happened)

    def answer(self, request):
        path = dict(request.headers)[b":path"].decode().lstrip("/")
        with open(os.path.join(self.www, os.path.basename(path)), "rb") as file:
            body = file.read()
        self.http.send_headers(request.stream_id, [(b":status", b"200"), (b"content-length", str(len(body)).encode())])
        self.http.send_data(request.stream_id, body, end_stream=True)
        self.transmit()


async def run_server(options):
    made = configuration(options, False)
    made.load_cert_chain(options.cert, options.key)
    tickets = {}
    Server.www = options.www

    def fetch(name):
        facts["resumed"] += name in tickets
        return tickets.pop(name, None)

    server = await serve(options.address, 0, configuration=made, create_protocol=Server, retry=options.retry,
                         session_ticket_fetcher=fetch, session_ticket_handler=lambda ticket: tickets.__setitem__(ticket.ticket, ticket))
    print("port", server._transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.waiting = {}

    def quic_event_received(self, event):
        for happened in self.http.handle_event(event):
            answer = self.waiting.get(getattr(happened, "stream_id", None))
            if answer is None:
                continue
            body, done = answer
            if isinstance(happened, DataReceived):
                body.append(happened.data)
            if isinstance(happened, (DataReceived, HeadersReceived)) and happened.stream_ended and not done.done():
                done.set_result(b"".join(body))
        if isinstance(event, (StreamReset, ConnectionTerminated)):
            for stream, (_, done) in self.waiting.items():
                if not done.done() and getattr(event, "stream_id", stream) == stream:
                    done.set_exception(OSError(str(event)))

    async def get(self, port, path):
        stream = self._quic.get_next_available_stream_id()
        done = asyncio.get_running_loop().create_future()
        self.waiting[stream] = ([], done)
        self.http.send_headers(stream, [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost:%d" % port),
                                        (b":path", b"/" + path.encode())], end_stream=True)
        self.transmit()
        return await done


async def session(options, paths, ticket=None, wait_ticket=False):
    made = configuration(options, True)
    made.load_verify_locations(options.ca)
    made.server_name = "localhost"
    made.session_ticket = ticket
    got = []
    early = options.early and ticket is not None
    async with connect(options.address, options.port, configuration=made, create_protocol=Client,
                       session_ticket_handler=got.append, wait_connected=not early) as client:
        if early:
            client.transmit()
        slots = asyncio.Semaphore(60)

        async def fetch(path):
            async with slots:
                body = await asyncio.wait_for(client.get(options.port, path), options.patience)
            with open(os.path.join(options.out, path), "wb") as file:
                file.write(body)

        tasks = [asyncio.create_task(fetch(path)) for path in paths]
        if options.key_update:
            await client.wait_connected()
            await client.ping()  # confirmed after that
            client._quic.request_key_update()
            facts["key_updates"] += 1
        for task in tasks:
            try:
                await task
            except Exception as error:
                print("failed:", error, file=sys.stderr)
                facts["failed"] += 1
        tls = client._quic.tls
        facts["resumed"] += bool(tls.session_resumed)
        facts["early"] += bool(tls.early_data_accepted)
        for _ in range(500):
            if got or not wait_ticket:
                break
            await asyncio.sleep(0.01)
    return got[-1] if got else None


async def run_client(options):
    if options.each:
        for path in options.paths:
            try:
                await session(options, [path])
            except Exception as error:
                print("failed:", error, file=sys.stderr)
                facts["failed"] += 1
    elif options.resume or options.early:
        ticket = await session(options, options.paths[:1], wait_ticket=True)
        await session(options, options.paths[1:], ticket)
    else:
        await session(options, options.paths)


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("role")
    for name in ("--address", "--cert", "--key", "--www", "--ca", "--out"):
        reader.add_argument(name)
    reader.add_argument("--port", type=int)
    reader.add_argument("--patience", type=float, default=60)
    for name in ("--retry", "--early", "--resume", "--v2", "--chacha20", "--key-update", "--migrate", "--each"):
        reader.add_argument(name, action="store_true")
    reader.add_argument("paths", nargs="*")
    options = reader.parse_intermixed_args()
    options.address = options.address or "127.0.0.1"
    if options.migrate:
        sys.exit(127)
    asyncio.run(run_server(options) if options.role == "server" else run_client(options))
    print(json.dumps(facts))
    sys.exit(1 if facts["failed"] else 0)


if __name__ == "__main__":
    main()
