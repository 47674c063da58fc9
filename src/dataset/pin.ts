import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { paths } from '../core/paths.ts'

/** What DVC records of a folder. */
export interface Pin {
  /** `<32 hexadecimal digits>.dir` */
  readonly md5: string
  /** Bytes of all files. */
  readonly size: number
  readonly nfiles: number
}

const REMEDY = 'Restore it from git (`git checkout -- data.dvc`), or take images with `npm run use`.' // dvc.yaml reads it
const DIR_HASH = /^[0-9a-f]{32}\.dir$/

const pinFile = z.object({
  outs: z.tuple([z.object({ md5: z.string().regex(DIR_HASH), size: z.int(), nfiles: z.int() })]),
})

/** The pin in a file like data.dvc. @throws DataError when the file cannot be read or holds none */
export async function readPin(path: string = paths.pin): Promise<Pin> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected the pin of the images in ${path}, received: ${messageOf(error)}. ${REMEDY}`)
  })
  try {
    return pinFile.parse(parse(text)).outs[0]
  } catch (error) {
    throw new DataError(
      `Expected one folder with md5, size and nfiles in ${path}, received something else. ${REMEDY}`,
      { cause: error },
    )
  }
}

/** The hash in an argument of the command line. @throws ConfigError when it is not one */
export function parsePin(argument: string | undefined): string {
  if (argument !== undefined && DIR_HASH.test(argument)) return argument
  throw new ConfigError(
    `Expected the pin of the images (32 hexadecimal digits and .dir), received ${argument ? JSON.stringify(argument) : 'nothing'}. Start it with \`npm run repro\`, which takes the pin from ${paths.pin}.`,
  )
}
