"""A relay that only reads and answers, as fast as it can: `python -m bench.sink PORT`."""

import asyncio
import sys

import uvloop

END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection. Knows just enough SMTP to keep a pipelining client busy."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.rest = b""
        self.is_in_body = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        data, answers = self.rest + data, []
        while True:
            found, mark, left = data.partition(END if self.is_in_body else b"\r\n")
            if not mark:
                break
            answers.append(self.answer(found))
            data = left
        # Of a body only what may be the beginning of its end is kept.
        self.rest = data[1 - len(END) :] if self.is_in_body else data
        self.transport.write(b"".join(answers))

    def answer(self, found: bytes) -> bytes:
        if self.is_in_body:
            self.is_in_body = False
            return b"250 2.0.0 Ok\r\n"
        command = found[:4].upper()
        self.is_in_body = command == b"DATA"
        if command == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        return {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(command, b"250 2.1.0 Ok\r\n")


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.2", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
