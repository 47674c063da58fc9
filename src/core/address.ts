/**
 * The text with every address, `scheme://…`, reduced to scheme, host and path.
 *
 * User names, passwords and the queries of signed addresses, which hold keys, must not reach any message, log or file.
 * PaddockError applies this to every message; all other code that prints an address must call it.
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

/** Whether an address contains a password, or a query parameter that looks like a key. */
export function hasSecret(address: string): boolean {
  return (
    /^[a-z0-9+.-]+:\/\/[^/]*:[^/]*@/i.test(address) ||
    /[?&]([^=&]*(signature|token|password|secret|credential|accesskey)[^=&]*|([^=&]*[-_.])?(sig|key))=/i.test(address)
  )
}
