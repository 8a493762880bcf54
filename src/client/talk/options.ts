import { parseArgs } from 'node:util';

export const HELP = `Talk with the Learning Voice Agent.

  npm run talk -- recording.wav              say a recording
  npm run talk -- --text "What is a closure?" --speak
  npm run talk -- first.wav second.wav       one conversation, in the order given
  npm run talk -- -                          a line of standard input is a turn
  npm run talk -- --mic                      speak; Enter ends your turn
  npm run talk -- --live                     just talk: a pause ends your turn, speaking breaks in
  npm run talk -- --loop recordings/         the recordings of a folder, over and over

What to say, as often as wanted and in any order:
  FILE               WAV, MP3, OGG, WebM, FLAC, M4A; raw samples with --type
  -t, --text TEXT    typed words
  -m, --mic          the microphone, through arecord
  -                  the lines of standard input
      --live         the microphone, hands-free, until Ctrl-C; replies are spoken, and your voice breaks them off.
                     Wear headphones: it would take the loudspeaker's voice for yours
      --loop DIR     all recordings of a folder in the order of their names, again and again, until Ctrl-C

How:
  -s, --speak        have the reply spoken: played through aplay or ffplay, else saved as reply.wav
  -o, --save FILE    have the replies spoken, and keep them as one WAV
      --type TYPE    what raw samples are: "audio/pcm;rate=16000"
      --turns N      leave --live or --loop after so many turns
      --session ID   go on with this session
      --end          end the session afterwards, and print its summary
      --url URL      the agent's address      (AGENT_URL, else http://127.0.0.1:8000)
      --token TOKEN  if the agent wants one   (AGENT_TOKEN)
      --json         one JSON object a line and turn, for machines
  -h, --help

Ctrl-C breaks off the reply, and ends a loop; where there is none, or at the second time, it leaves.
Exit code: 0 all turns answered, 1 a turn failed, 2 wrong usage or unreadable input, 3 no agent, or not let in.
`;

export type Input = { text: string } | { file: string } | { mic: true } | { lines: true } | Endless;
/** What goes on until it is told to stop. */
export type Endless = { live: true } | { loop: string };

export type TalkOptions = {
  inputs: Input[];
  /** How many turns, where the last input would go on for ever. */
  turns?: number | undefined;
  url: string;
  token?: string | undefined;
  sessionId?: string | undefined;
  type?: string | undefined;
  speak: boolean;
  save?: string | undefined;
  end: boolean;
  json: boolean;
  help: boolean;
};

/** What the command line got wrong. */
export class UsageError extends Error {}

/** Throws UsageError. */
export function readOptions(args: string[], env: Record<string, string | undefined>): TalkOptions {
  const { values, tokens } = parse(args);
  const inputs: Input[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') inputs.push(token.value === '-' ? { lines: true } : { file: token.value });
    else if (token.kind === 'option' && token.name === 'text') inputs.push({ text: token.value ?? '' });
    else if (token.kind === 'option' && token.name === 'mic') inputs.push({ mic: true });
    else if (token.kind === 'option' && token.name === 'live') inputs.push({ live: true });
    else if (token.kind === 'option' && token.name === 'loop') inputs.push({ loop: token.value ?? '' });
  }
  const last = inputs.at(-1);
  if (inputs.some((input) => isEndless(input) && input !== last)) {
    throw new UsageError('--live and --loop go on for ever: name one of them, as the last thing to say.');
  }
  const url = values.url ?? (env.AGENT_URL || 'http://127.0.0.1:8000');
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is no address: write it as http://127.0.0.1:8000.`);
  if (inputs.length === 0 && !values.help) {
    throw new UsageError('There is nothing to say: give a recording, --text, --mic, --live, --loop or -.');
  }
  return {
    inputs,
    turns: turnsOf(values.turns, last),
    url: url.replace(/\/+$/, ''),
    token: values.token ?? (env.AGENT_TOKEN || undefined),
    sessionId: values.session,
    type: values.type,
    speak: values.speak || values.save !== undefined,
    save: values.save,
    end: values.end,
    json: values.json,
    help: values.help,
  };
}

export const isEndless = (input?: Input): input is Endless => !!input && ('live' in input || 'loop' in input);

function turnsOf(value: string | undefined, last?: Input): number | undefined {
  if (value === undefined) return undefined;
  if (!isEndless(last)) throw new UsageError(`--turns ${value} has nothing to limit: it goes with --live or --loop.`);
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new UsageError(`--turns ${value} is no number of turns: give 1 or more.`);
  return Number(value);
}

function parse(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const word = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      tokens: true,
      allowPositionals: true,
      options: {
        text: { type: 'string', short: 't', multiple: true },
        mic: { type: 'boolean', short: 'm', multiple: true },
        live: { type: 'boolean', multiple: true },
        loop: { type: 'string', multiple: true },
        turns: word,
        speak: { ...flag, short: 's' },
        save: { ...word, short: 'o' },
        type: word,
        session: word,
        end: flag,
        url: word,
        token: word,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
