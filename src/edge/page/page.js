const CHUNK_BYTES = 256 * 1024;
const $ = (id) => document.getElementById(id);
const turns = new Map();
const sounds = [];
let playing;
let sessionId = sessionStorage.getItem('session') ?? undefined;

const socket = io({
  transports: ['websocket'],
  autoConnect: false,
  auth: (done) => done({ token: sessionStorage.getItem('token') ?? undefined }),
});

async function ask(event, ...args) {
  // What is said offline would be sent at the next connect, when nobody means it any more.
  if (!socket.connected) throw new Error('Not connected: wait until the connection is back.');
  const answer = await socket.timeout(30_000).emitWithAck(event, ...args);
  if (!answer.ok) throw new Error(answer.problem.message);
  return answer;
}

async function start() {
  const answer = await ask('session:start', { session_id: sessionId, speak: $('speak').checked });
  sessionId = answer.session_id;
  sessionStorage.setItem('session', sessionId);
  $('connection').textContent = `Connected, session ${sessionId}`;
}

function paragraph(to, speaker, className = '') {
  const line = document.createElement('p');
  line.className = className;
  const who = document.createElement('strong');
  who.textContent = speaker ? `${speaker}: ` : '';
  const words = document.createElement('span');
  line.append(who, words);
  to.append(line);
  return words;
}

function turn(id) {
  if (!turns.has(id)) {
    const item = document.createElement('li');
    turns.set(id, { item, you: paragraph(item, 'You'), agent: paragraph(item, 'Companion') });
    $('talk').append(item);
    item.scrollIntoView({ block: 'nearest' });
  }
  return turns.get(id);
}

function tell(message, className) {
  const item = document.createElement('li');
  paragraph(item, '', className).textContent = message;
  $('talk').append(item);
}

function figures(reply) {
  const ms = (value) => (value === null ? '–' : `${Math.round(value)} ms`);
  const { total_ms, first_text_ms, first_sound_ms, stages_ms } = reply.timings;
  const stages = Object.entries(stages_ms).map(([stage, value]) => `${stage} ${ms(value)}`);
  const cost = `$${reply.cost_usd.toFixed(6)}`;
  return `${ms(total_ms)} (first word ${ms(first_text_ms)}, first sound ${ms(first_sound_ms)}; ${stages.join(', ')}) · ${cost} · ${reply.intent}`;
}

function play() {
  if (playing || sounds.length === 0) return;
  playing = new Audio(URL.createObjectURL(new Blob([sounds.shift()])));
  const next = () => {
    if (playing) URL.revokeObjectURL(playing.src);
    playing = undefined;
    play();
  };
  playing.onended = next;
  playing.onerror = next;
  playing.play().catch(next);
}

function silence() {
  sounds.length = 0;
  playing?.pause();
  playing = undefined;
}

socket.on('connect', () => start().catch((error) => tell(error.message, 'problem')));
socket.on('disconnect', () => {
  silence();
  $('connection').textContent = 'Disconnected; trying again…';
});
socket.on('connect_error', (error) => {
  $('connection').textContent = `Not connected: ${error.message}`;
  if (error.data?.kind === 'unauthorized') $('token-box').open = true;
});
socket.on('transcript', ({ turn_id, text }) => {
  turn(turn_id).you.textContent = text;
});
socket.on('reply:delta', ({ turn_id, text }) => {
  turn(turn_id).agent.textContent += text;
});
socket.on('speech', (_head, sound) => {
  if (sound.byteLength > 0) sounds.push(sound);
  play();
});
socket.on('reply', (reply) => {
  const { item, you, agent } = turn(reply.turn_id);
  you.textContent = reply.user_text;
  agent.textContent = reply.interrupted ? `${reply.agent_text} (interrupted)` : reply.agent_text;
  paragraph(item, '', 'figures').textContent = figures(reply);
  if (reply.speech_problem) paragraph(item, '', 'problem').textContent = reply.speech_problem;
  if (reply.budget_warning) paragraph(item, '', 'problem').textContent = reply.budget_warning;
});
socket.on('problem', ({ turn_id, message }) => {
  if (turn_id) paragraph(turn(turn_id).item, '', 'problem').textContent = message;
  else tell(message, 'problem');
});

function onSubmit(id, act) {
  $(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.target.querySelector('button');
    button.disabled = true;
    try {
      await act(event.target);
    } catch (error) {
      tell(error.message, 'problem');
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit('text-form', async (form) => {
  const text = $('text').value;
  const { turn_id } = await ask('text', { text });
  turn(turn_id).you.textContent = text;
  form.reset();
});

onSubmit('audio-form', async (form) => {
  const [file] = $('audio').files;
  const bytes = await file.arrayBuffer();
  try {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) await ask('audio', bytes.slice(at, at + CHUNK_BYTES));
  } catch (error) {
    // Opening the session anew lets go of the half-sent recording.
    await start();
    throw error;
  }
  const { turn_id } = await ask('audio:end', { type: file.type || undefined });
  turn(turn_id);
  form.reset();
});

onSubmit('token-form', () => {
  sessionStorage.setItem('token', $('token').value);
  socket.disconnect().connect();
});

$('speak').addEventListener('change', () => start().catch((error) => tell(error.message, 'problem')));
$('interrupt').addEventListener('click', () => {
  silence();
  ask('interrupt').catch((error) => tell(error.message, 'problem'));
});
$('end').addEventListener('click', async () => {
  try {
    const { summary } = await ask('session:end');
    sessionStorage.removeItem('session');
    sessionId = undefined;
    const topics = summary.topics.length > 0 ? ` Topics: ${summary.topics.join(', ')}.` : '';
    tell(`The session is over after ${summary.exchanges} exchanges.${topics} ${summary.remember}`);
    await start();
  } catch (error) {
    tell(error.message, 'problem');
  }
});

async function showWhereWeAre() {
  const response = await fetch('/', { headers: { accept: 'application/json' } });
  const { providers } = await response.json();
  $('sandbox').hidden = providers !== 'sandbox';
}

showWhereWeAre().catch(() => {});
socket.connect();
