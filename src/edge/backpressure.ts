import type { Socket } from 'socket.io';

/** What may wait for a client that reads slowly: some minutes of speech. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
const PACKET_OVERHEAD_BYTES = 1024;

type Connection = Socket['conn'];

/**
 * Bytes that were emitted and that the network has not taken yet.
 * NOTE: Socket.IO has no backpressure and no public way to ask; both fields below are private to engine.io, and a test holds them.
 */
export function bufferedBytes(connection: Connection): number {
  const { writeBuffer, transport } = connection as unknown as {
    writeBuffer: { data?: string | Uint8Array }[];
    transport: { socket?: { bufferedAmount?: number } };
  };
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) {
    bytes += PACKET_OVERHEAD_BYTES + (data?.length ?? 0);
    if (bytes > MAX_BUFFERED_BYTES) break;
  }
  return bytes;
}
