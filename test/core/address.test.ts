import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkParams, parseYaml } from '../../src/config/params.ts'
import { hasSecret, withoutSecrets } from '../../src/core/address.ts'
import { DataError, messageOf } from '../../src/core/errors.ts'
import { fetchParams } from '../../src/fetch/params.ts'

describe('withoutSecrets', () => {
  it.each([
    ['https://me:s3cret@host.example/a.zip', 'https://host.example/a.zip'],
    ['https://ghp_s3cret@github.com/a/b.git', 'https://github.com/a/b.git'],
    ['https://me:s3/c#r?e@t@host/a.zip', 'https://host/a.zip'], // not escaped, as people paste it
    ['https://host/a.zip?X-Amz-Signature=s3cret&x=1', 'https://host/a.zip'],
    ['https://host/a.zip#access_token=s3cret', 'https://host/a.zip'],
    ['s3://key:s3cret@bucket/path', 's3://bucket/path'],
    ['HTTPS://me:s3cret@host/a.zip', 'HTTPS://host/a.zip'],
    ['https://host:8080/@scope/a@1.0', 'https://host:8080/@scope/a@1.0'],
    ['http://[::1]:80/a', 'http://[::1]:80/a'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
  ])('makes %s %s', (address, open) => {
    expect(withoutSecrets(address)).toBe(open)
    expect(withoutSecrets(`Expected "${address}" at ${address}, received (${address}). Do this.`)).toBe(
      `Expected "${open}" at ${open}, received (${open}). Do this.`,
    )
  })

  it('is passed by every error of ours, and by the messages of others', () => {
    const text = 'fatal: unable to access https://me:s3cret@host/a.git/: refused'
    expect(new DataError(text).message).toBe('fatal: unable to access https://host/a.git/: refused')
    expect(messageOf(new Error(text))).toBe('fatal: unable to access https://host/a.git/: refused')
  })
})

it('fetch.url takes no key or password, since params.yaml and dvc.lock are committed, and its error does not repeat it', () => {
  const params = (url: string) => `fetch: { source: archive, maxRejected: 0, sha256: ${'a'.repeat(64)}, url: '${url}' }`
  const check = (url: string) => checkParams(z.object({ fetch: fetchParams }), parseYaml(params(url), 'params.yaml'))
  expect(check('https://host/a.zip').fetch).toMatchObject({ url: 'https://host/a.zip' })
  for (const secret of ['https://me:s3cret@host/a.zip', 'https://host/a.zip?sig=s3cret']) {
    expect(() => check(secret)).toThrow(
      'params.yaml is not valid: line 1: fetch.url: "https://host/a.zip"; must not contain a key or password: it is committed',
    )
  }
})

describe('hasSecret', () => {
  it.each([
    ['https://me:s3cret@host/a', true],
    ['https://host/a?AWSAccessKeyId=A&Expires=1', true],
    ['https://host/a?X-Goog-Signature=1', true],
    ['https://host/a?sv=1&sig=1', true],
    ['https://host/a?access_token=1', true],
    ['https://host/a?api_key=1', true],
    ['https://host/a?x=1&Password=1', true],
    ['https://host/a?client_secret=1', true],
    ['https://host/a?X-Amz-Credential=1', true],
    ['https://host/a?monkey=1&design=2&dl=1', false],
    ['ssh://git@host/a', false],
  ])('of %s is %s', (address, expected) => {
    expect(hasSecret(address)).toBe(expected)
  })
})
