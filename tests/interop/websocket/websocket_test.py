"""Our WebSocket with Python's `websockets`, both roles: websocket_test.py PEER."""
import socket
import subprocess
import sys
import threading
import unittest

from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.frames import Close, Frame, Opcode
from websockets.sync.client import connect
from websockets.sync.server import serve

PEER = sys.argv.pop(1)


class TheirClient(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen([PEER, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = "ws://127.0.0.1:%s/" % self.server.stdout.readline().split()[1]

    def tearDown(self):
        self.server.stdin.close()
        self.assertEqual(self.server.wait(30), 0)
        self.server.stdout.close()

    def test_sizes(self):
        with connect(self.url, subprotocols=["other", "echo.v1"], max_size=None) as socket:
            self.assertEqual(socket.subprotocol, "echo.v1")
            for size in (0, 1, 125, 126, 127, 65535, 65536, 1_000_000):
                socket.send("x" * size)
                self.assertEqual(socket.recv(), "x" * size)
                socket.send(b"\0\xff" * (size // 2))
                self.assertEqual(socket.recv(), b"\0\xff" * (size // 2))

    def test_fragments_and_pings(self):
        with connect(self.url, compression=None) as socket:
            socket.send(["κόσμ", "ε", "", " и мир"])
            self.assertEqual(socket.recv(), "κόσμε и мир")
            self.assertTrue(socket.ping("there").wait(20))

    def test_answers_to_what_came_before_a_close(self):
        host, port = self.url[5:-1].split(":")
        texts = [Frame(Opcode.TEXT, b"message %d" % i) for i in range(50)]
        close = Frame(Opcode.CLOSE, Close(1000, "bye").serialize())
        with socket.create_connection((host, int(port)), 30) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            stream = raw.makefile("rb")
            while stream.readline() != b"\r\n":
                pass
            frames = texts + [Frame(Opcode.PING, b"p"), close]
            raw.sendall(b"".join(frame.serialize(mask=True) for frame in frames))
            want = b"".join(frame.serialize(mask=False) for frame in texts + [Frame(Opcode.PONG, b"p"), close])
            self.assertEqual(stream.read(), want)

    def closes_with(self, code, send):
        with connect(self.url, compression=None) as socket:
            send(socket)
            with self.assertRaises(ConnectionClosedError) as closed:
                socket.recv()
            self.assertEqual(closed.exception.rcvd.code, code)

    def test_bad_text(self):
        self.closes_with(1007, lambda socket: socket.send(b"\xce\xba\xed\xa0\x80", text=True))

    def test_too_much(self):
        self.closes_with(1009, lambda socket: socket.send([b"x" * 900_000] * 3))

    def test_reserved_opcode(self):
        def send(socket):
            socket.socket.sendall(b"\x83\x80\0\0\0\0")
        self.assertNotIn(3, list(Opcode))
        self.closes_with(1002, send)

    def test_many(self):
        failed = []

        def one(number):
            try:
                with connect(self.url) as socket:
                    for i in range(20):
                        socket.send("%d.%d" % (number, i))
                        assert socket.recv() == "%d.%d" % (number, i)
            except Exception as error:
                failed.append(error)
        threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])


class TheirServer(unittest.TestCase):
    def run_client(self, handler):
        with serve(handler, "127.0.0.1", 0, subprotocols=["echo.v1"]) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            url = "http://127.0.0.1:%d/chat" % server.socket.getsockname()[1]
            done = subprocess.run([PEER, "client", url], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
            server.shutdown()
            thread.join()
        return done.stdout.splitlines()

    def test_we_close(self):
        said = []

        def handler(socket):
            for _ in range(3):
                said.append(socket.recv())
            socket.send(["in ", "three ", "pieces"])
            socket.send(b"\0" * 65536)
            assert socket.ping().wait(20)
            socket.send("close, please")
            for _ in socket:
                pass
            said.append((socket.protocol.close_rcvd.code, socket.protocol.close_rcvd.reason))
        heard = self.run_client(handler)
        self.assertEqual(said, ["hello", b"b" * 126, b"b" * 70000, (1000, "done")])
        self.assertEqual(heard[0], "text 15 in three pieces")
        self.assertTrue(heard[1].startswith("binary 65536"))
        self.assertEqual(heard[2:], ["text 13 close, please", "closed 1000 "])

    def test_they_close(self):
        def handler(socket):
            for _ in range(3):
                socket.recv()
            socket.send("last words")
            socket.close(1001, "going")
        self.assertEqual(self.run_client(handler), ["text 10 last words", "closed 1001 "])


if __name__ == "__main__":
    unittest.main()
