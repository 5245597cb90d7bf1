import { createServer, type Server as TcpServer, connect, type Socket } from 'node:net';

/** Leads to the server while there is one. Its address stays, so that the pages' origin outlives a server. */
export class Door {
  url = '';
  #target: number | undefined;
  #open = new Set<Socket>();
  #listener: TcpServer = createServer((socket) => this.#enter(socket));

  async open() {
    await new Promise<void>((done) => {
      this.#listener.listen(0, '127.0.0.1', done);
    });
    this.url = `http://127.0.0.1:${(this.#listener.address() as { port: number }).port}`;
  }

  lead(target: string | undefined) {
    this.#target = target === undefined ? undefined : Number(new URL(target).port);
    if (target === undefined) for (const socket of this.#open) socket.destroy();
  }

  close() {
    this.lead(undefined);
    this.#listener.close();
  }

  #enter(socket: Socket) {
    socket.on('error', () => socket.destroy());
    if (this.#target === undefined) return socket.destroy();
    const server = connect(this.#target, '127.0.0.1');
    for (const [one, other] of [[socket, server], [server, socket]] as const) {
      this.#open.add(one);
      one.on('error', () => one.destroy()).on('close', () => {
        this.#open.delete(one);
        other.destroy();
      }).pipe(other);
    }
    return undefined;
  }
}
