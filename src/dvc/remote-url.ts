import { ConfigError } from '../core/errors.ts'

/** Whether a remote is a folder of this machine, by its name. */
export function isFolder(url: string): boolean {
  return /^(\/|\.{1,2}(\/|$))/.test(url)
}

/**
 * Refuses what is neither a URL nor a folder's path, and what would put a secret into .dvc/config, which is committed.
 *
 * @returns the URL @throws ConfigError
 */
export function checkRemoteUrl(url: string, endpoint: string | undefined): string {
  if (!isFolder(url) && !/^[a-z][a-z0-9+.-]*:\/\/./i.test(url)) {
    throw new ConfigError(
      `Expected a URL such as s3://bucket/path, or a folder as /path, ./path or ../path, received ${JSON.stringify(url)}. Write it in full.`,
    )
  }
  for (const each of [url, endpoint ?? '']) {
    if (/^[a-z0-9+]+:\/\/[^/]*:[^/]*@/i.test(each) || /[?&](sig|token|key|password|secret)[^=]*=/i.test(each)) {
      throw new ConfigError(
        'Expected a URL without keys or passwords, since it is committed, received one that holds some. Give them in the environment or in .dvc/config.local; see --help.',
      )
    }
  }
  if (/^s3:/i.test(url) && !/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/|$)/.test(url)) {
    throw new ConfigError(
      `Expected s3://bucket/path, received ${url}. A bucket has lower-case letters, digits, dots and hyphens.`,
    )
  }
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw new ConfigError(`Expected --endpoint http://… or https://…, received ${endpoint}.`)
  }
  if (endpoint !== undefined && !url.startsWith('s3://')) {
    throw new ConfigError(`Expected s3://bucket/path with --endpoint, received ${url}.`)
  }
  return url
}
