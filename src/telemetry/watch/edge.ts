import type { AudioFormat } from '../../conversation/ports.ts';
import type { PerceivedTurn } from '../../conversation/watchers.ts';
import { ENDPOINTS, FROM_CLIENT, METHODS, STATUSES, TO_CLIENT } from '../catalog/traffic.ts';
import type { Telemetry } from '../sdk.ts';
import { fold } from './fold.ts';

/** Watches the doors: HTTP requests, Socket.IO connections and events, audio that comes in. */
export function watchEdge(telemetry: Pick<Telemetry, 'instruments' | 'outliers' | 'clientSpans'>) {
  const { instruments, outliers, clientSpans } = telemetry;
  return {
    httpStarted(route: string) {
      const endpoint = fold(ENDPOINTS, route);
      instruments.http_requests_in_progress.add(1, { endpoint });
      return (sentMethod: string, sentStatus: string, seconds: number): void => {
        const method = fold(METHODS, sentMethod);
        instruments.http_requests_in_progress.add(-1, { endpoint });
        instruments.http_requests_total.add(1, { endpoint, method, status: fold(STATUSES, sentStatus) });
        instruments.http_request_duration_seconds.record(seconds, { endpoint, method });
        outliers.offer('http_request_duration_seconds', seconds);
      };
    },
    socketOpened: () => instruments.websocket_connections_active.add(1),
    socketClosed(seconds: number): void {
      instruments.websocket_connections_active.add(-1);
      instruments.websocket_connection_duration_seconds.record(seconds);
    },
    message(direction: 'received' | 'sent', type: string): void {
      const known = direction === 'received' ? FROM_CLIENT : TO_CLIENT;
      instruments.websocket_messages_total.add(1, {
        direction,
        message_type: fold<(typeof FROM_CLIENT)[number] | (typeof TO_CLIENT)[number]>(known, type),
      });
    },
    perceived: (kind: 'seen' | 'heard', seconds: number) =>
      instruments.voice_turn_first_response_seconds.record(seconds, { kind }),
    clientTurn: (turn: PerceivedTurn) => clientSpans.perceived(turn),
    audioReceived(format: AudioFormat, bytes: number, seconds: number): void {
      instruments.audio_size_bytes.record(bytes, { format });
      instruments.audio_processing_duration_seconds.record(seconds, { operation: 'identify' });
    },
  };
}
