declare global {
  /** Tells the test. */
  function noteViolation(what: string): void;
}

document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  globalThis.noteViolation(`${effectiveDirective} forbids ${blockedURI} (${sourceFile}:${lineNumber})`),
);

export type {};
