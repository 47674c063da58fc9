/**
 * A text in which every address, `scheme://…`, has only its scheme, host and path left.
 *
 * User names, passwords, and the queries that signed addresses keep their keys in, must reach no message, log or file. All
 * errors of ours pass here; whatever else prints an address uses it too.
 */
export function withoutSecrets(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>]+?)(?=[.,;:!)\]}]*(?:[\s"'`<>]|$))/gi,
    (address, scheme, rest) => {
      // a password with a slash or a hash in it makes an address that cannot be parsed
      const start = URL.canParse(address) ? (/^[^/?#]*@/.exec(rest)?.[0].length ?? 0) : rest.lastIndexOf('@') + 1
      return scheme + rest.slice(start).replace(/[?#].*$/, '')
    },
  )
}

/** Whether an address has a password in it, or a query that looks like a key. */
export function hasSecret(address: string): boolean {
  return (
    /^[a-z0-9+.-]+:\/\/[^/]*:[^/]*@/i.test(address) ||
    /[?&]([^=&]*(signature|token|password|secret|credential|accesskey)[^=&]*|([^=&]*[-_.])?(sig|key))=/i.test(address)
  )
}
