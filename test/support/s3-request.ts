import { createHash, createHmac } from 'node:crypto'

/** What the server of a test lets in. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-secret' }

const SCOPE = ['us-east-1', 's3', 'aws4_request']
const SIGNED = 'host;x-amz-content-sha256;x-amz-date'

/**
 * Asks an S3 server on loopback, with a signature of version 4. Names of buckets and keys must need no escaping.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export async function askS3(
  method: 'GET' | 'PUT',
  address: string,
  body: Uint8Array<ArrayBuffer> | string = '',
): Promise<Response> {
  const url = new URL(address)
  url.searchParams.sort()
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const content = sha256(body)
  const headers = `host:${url.host}\nx-amz-content-sha256:${content}\nx-amz-date:${time}\n`
  const canonical = [method, url.pathname, queryOf(url), headers, SIGNED, content].join('\n')
  const scope = [day, ...SCOPE]
  const words = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${S3_KEYS.AWS_SECRET_ACCESS_KEY}`)
  const credential = [S3_KEYS.AWS_ACCESS_KEY_ID, ...scope].join('/')
  const signature = hmac(key, words).toString('hex')
  return fetch(url, {
    method,
    headers: {
      'x-amz-content-sha256': content,
      'x-amz-date': time,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${SIGNED}, Signature=${signature}`,
    },
    ...(method === 'PUT' && { body }),
  })
}

function queryOf({ searchParams }: URL): string {
  return [...searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
}

function hmac(key: string | Buffer, words: string): Buffer {
  return createHmac('sha256', key).update(words).digest()
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}
