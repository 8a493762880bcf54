// Loaded into an agent by --import: says where it would have gone, in place of going there.
globalThis.fetch = async (input, init) => {
  const { url, method, headers } = new Request(input, { ...init, body: null });
  const key = headers.get('authorization') ?? headers.get('x-api-key') ?? '(none)';
  process.stdout.write(`would-call ${JSON.stringify({ method, url, key })}\n`);
  return Response.json({ error: { type: 'authentication_error', message: 'recorded' } }, { status: 401 });
};
