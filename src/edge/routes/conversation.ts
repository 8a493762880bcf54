import { randomUUID } from 'node:crypto';
import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import type { Conversation, TurnListener } from '../../conversation/conversation.ts';
import type { Speech } from '../../conversation/ports.ts';
import { AppError, Cancelled } from '../../errors.ts';
import { receiveAudio } from '../audio.ts';
import type { Limits } from '../limits.ts';
import { notReady } from '../problem.ts';
import { learnerText, MAX_AUDIO_BYTES, sessionId } from '../protocol.ts';
import { toWireReply } from '../to-wire.ts';
import { check, checkQuery } from '../validate.ts';
import type { EdgeWatcher } from '../watcher.ts';
import { type Route, requireBody } from './route.ts';

const JSON_LIMIT = Math.ceil((MAX_AUDIO_BYTES * 4) / 3) + 64 * 1024;
const DATA_URL = /^data:([^,]{0,100});base64,/;
const NOBODY_LISTENS: TurnListener = { transcript() {}, delta() {}, speech() {} };

const body = z.object({
  session_id: sessionId.nullish(),
  text: z.string().nullish(),
  audio_base64: z.string().nullish(),
});

export type ConversationDeps = {
  conversation: Conversation;
  limits: Limits;
  watcher: EdgeWatcher;
  ready: () => boolean;
  /** Aborts with `Cancelled('shutdown')` when the agent can wait no longer for turns in flight. */
  stopping?: AbortSignal;
};

/** POST /api/conversation: one turn, spoken or typed, answered when it is stored. */
export function conversationRoute(deps: ConversationDeps): Route {
  async function answer(req: Request, res: Response): Promise<void> {
    const receivedAt = performance.now();
    const signal = whileClientWaits(res, deps.stopping);
    if (!deps.ready()) throw notReady('http');
    const { id, ...said } = await read(req, deps);
    const session = await deps.conversation.open(id);
    const turn = { turnId: randomUUID(), receivedAt, speak: false, ...said };
    const result = await deps.conversation.turn(session, turn, NOBODY_LISTENS, signal);
    if (!res.destroyed) res.json(toWireReply(result));
  }
  return {
    path: '/api/conversation',
    endpoint: '/api/conversation',
    access: 'token',
    methods: {
      post: [
        requireBody('application/json', 'audio/*'),
        // NOTE: inflated, a few kilobytes would become the whole limit.
        express.json({ limit: JSON_LIMIT, type: 'application/json', inflate: false }),
        express.raw({ limit: MAX_AUDIO_BYTES, type: 'audio/*', inflate: false }),
        answer,
      ],
    },
  };
}

async function read(
  req: Request,
  deps: ConversationDeps,
): Promise<{ id?: string } & ({ text: string } | { speech: Speech })> {
  const hear = (bytes: Uint8Array, contentType?: string) =>
    receiveAudio(bytes, { contentType, maxSeconds: deps.limits.maxAudioS, component: 'http' }, deps.watcher);
  if (req.is('audio/*')) {
    const query = checkQuery(z.object({ session_id: sessionId.optional() }), req.query);
    // NOTE: an empty body is never parsed, and leaves `req.body` undefined.
    const bytes: Uint8Array = req.body ?? new Uint8Array();
    return { id: query.session_id, speech: await hear(bytes, req.get('content-type')) };
  }
  const sent = check(body, req.body, 'http');
  const id = sent.session_id ?? undefined;
  if (sent.audio_base64) {
    const { bytes, type } = decode(sent.audio_base64);
    return { id, speech: await hear(bytes, type) };
  }
  if (sent.text === undefined || sent.text === null) {
    const message = 'There is nothing to answer: send text or audio_base64, or a body of type audio/*.';
    throw new AppError('bad_input', 'http', message, { status: 422 });
  }
  return { id, text: check(z.object({ text: learnerText }), { text: sent.text }, 'http').text };
}

/** Base64 in either alphabet, with line breaks, or as a `data:` URL. NOTE: Node's decoder skips what it doesn't know, so the length tells. */
function decode(text: string): { bytes: Uint8Array; type?: string } {
  const prefix = DATA_URL.exec(text);
  const digits = text
    .slice(prefix?.[0].length ?? 0)
    .replace(/\s+/g, '')
    .replace(/={1,2}$/, '');
  const bytes = Buffer.from(digits, 'base64');
  if (bytes.length !== Math.floor((digits.length * 3) / 4) || digits.length % 4 === 1) {
    const message = `audio_base64 (${text.length} characters) is not base64: encode the audio's bytes, or send them as a body of type audio/*.`;
    throw new AppError('bad_input', 'http', message, { status: 422 });
  }
  return { bytes, type: prefix?.[1] };
}

/** A signal that is aborted when the client leaves before its answer, or when the agent has to stop. */
function whileClientWaits(res: Response, stopping?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort(stopping?.reason);
  if (stopping?.aborted) stop();
  stopping?.addEventListener('abort', stop);
  res.once('close', () => {
    stopping?.removeEventListener('abort', stop);
    if (!res.writableFinished) controller.abort(new Cancelled('disconnect'));
  });
  return controller.signal;
}
