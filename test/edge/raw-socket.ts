import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sends Socket.IO packets as it likes, which no well-behaved library would. */
export async function rawClient(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const waiting: { pattern: RegExp; resolve: (packet: string) => void }[] = [];
  socket.addEventListener('message', ({ data }) => {
    const packet = String(data);
    if (packet === '2') socket.send('3');
    const index = waiting.findIndex(({ pattern }) => pattern.test(packet));
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve(packet);
  });
  /** Resolves with the next packet that matches. */
  const next = (pattern: RegExp) => new Promise<string>((resolve) => waiting.push({ pattern, resolve }));
  await once(socket, 'open');
  const connected = next(/^40\{/);
  socket.send('40');
  await connected;
  return {
    send: (packet: string) => socket.send(packet),
    /** Sends a packet and resolves with what comes back, as text. */
    async say(packet: string, answer: RegExp): Promise<string> {
      const answered = next(answer);
      socket.send(packet);
      return answered;
    },
    [Symbol.asyncDispose]: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** A client that sends its packets and then never reads again. */
export async function deafClient(port: number, packets: string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  for (const packet of packets) socket.write(maskedFrame(packet));
  socket.pause();
  return socket;
}

/** One text frame of RFC 6455, masked with zeros. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
