import { parseArgs } from 'node:util';

export const HELP = `Talk with the Learning Voice Agent.

  npm run talk -- recording.wav              say a recording
  npm run talk -- --text "What is a closure?" --speak
  npm run talk -- first.wav second.wav       one conversation, in the order given
  npm run talk -- -                          a line of standard input is a turn
  npm run talk -- --mic                      speak; Enter ends your turn

What to say, as often as wanted and in any order:
  FILE               WAV, MP3, OGG, WebM, FLAC, M4A; raw samples with --type
  -t, --text TEXT    typed words
  -m, --mic          the microphone, through arecord
  -                  the lines of standard input

How:
  -s, --speak        have the reply spoken: played through aplay or ffplay, else saved as reply.wav
  -o, --save FILE    keep the spoken replies as one WAV (with --speak)
      --type TYPE    what raw samples are: "audio/pcm;rate=16000"
      --session ID   go on with this session
      --end          end the session afterwards, and print its summary
      --url URL      the agent's address      (AGENT_URL, else http://127.0.0.1:8000)
      --token TOKEN  if the agent wants one   (AGENT_TOKEN)
      --json         one JSON object a line and turn, for machines
  -h, --help

Ctrl-C breaks off the reply; a second one leaves.
Exit code: 0 all turns answered, 1 a turn failed, 2 wrong usage or unreadable input, 3 no agent, or not let in.
`;

export type Input = { text: string } | { file: string } | { mic: true } | { lines: true };

export type TalkOptions = {
  inputs: Input[];
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
  }
  const url = values.url ?? (env.AGENT_URL || 'http://127.0.0.1:8000');
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is no address: write it as http://127.0.0.1:8000.`);
  if (inputs.length === 0 && !values.help) {
    throw new UsageError('There is nothing to say: give a recording, --text, --mic or -.');
  }
  return {
    inputs,
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
