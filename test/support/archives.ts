import { crc32, deflateRawSync } from 'node:zlib'
import { Header, type types } from 'tar'

/** A member of a zip, true or false. */
export interface ZipMember {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Unix mode with the type of file; 0o120777 is a link. */
  readonly mode?: number
  /** What the headers say the unpacked size is, where they lie. */
  readonly declaredBytes?: number
}

/** A zip archive, byte by byte, so that a test can say what no honest tool would write. Source: PKWARE APPNOTE 6.3.10. */
export function makeZip(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, content = '', mode = 0o100644, declaredBytes } of members) {
    const data = Buffer.from(content)
    const packed = deflateRawSync(data)
    const nameBytes = Buffer.from(name)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0) // version needed
    shared.writeUInt16LE(0x0800, 2) // names in UTF-8
    shared.writeUInt16LE(8, 4) // deflated
    shared.writeUInt32LE(crc32(data), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(declaredBytes ?? data.length, 18)
    shared.writeUInt16LE(nameBytes.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, nameBytes, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), shared, tail, nameBytes]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

/** A member of a tar. */
export interface TarMember {
  readonly name: string
  readonly content?: string | Uint8Array
  readonly type?: types.EntryTypeName
  readonly linkpath?: string
  /** What the header says, where it lies. */
  readonly declaredBytes?: number
}

const BLOCK_BYTES = 512

/** A tar archive, block by block, so that a test can say what no honest tool would write. */
export function makeTar(members: readonly TarMember[]): Buffer {
  const blocks = members.flatMap(({ name, content = '', type = 'File', linkpath = '', declaredBytes }) => {
    const data = Buffer.from(content)
    const block = Buffer.alloc(BLOCK_BYTES)
    const header = new Header({ path: name, size: declaredBytes ?? data.length, type, linkpath, mode: 0o644 })
    header.encode(block)
    const padding = Buffer.alloc((BLOCK_BYTES - (data.length % BLOCK_BYTES)) % BLOCK_BYTES)
    return [block, data, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)])
}
