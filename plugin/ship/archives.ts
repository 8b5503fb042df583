// Archives that are the same whenever they are made of the same files, so that their sums can be compared.
import { promisify } from 'node:util';
import { crc32, deflateRaw, gzip } from 'node:zlib';

export interface ArchiveFile {
  readonly name: string;
  readonly content: Buffer;
  /** May be run. */
  readonly isProgram: boolean;
}

const BLOCK = 512;

/** As `tar --format=ustar | gzip` makes it, of no time and of root. */
export async function tarGz(files: readonly ArchiveFile[]): Promise<Buffer> {
  const blocks = files.flatMap(({ name, content, isProgram }) => {
    const header = Buffer.alloc(BLOCK);
    const octal = (value: number, at: number, bytes: number) =>
      header.write(`${value.toString(8).padStart(bytes - 1, '0')}\0`, at, 'latin1');
    header.write(name, 0, 'latin1');
    octal(isProgram ? 0o755 : 0o644, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(content.length, 124, 12);
    octal(0, 136, 12);
    header.write('        0', 148, 'latin1');
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

/** 1 January 1980, the first day that a zip archive knows. */
const ZIP_DATE = (1 << 5) | 1;
const MADE_ON_UNIX = 3 << 8;
const ZIP_VERSION = 20;
const DEFLATED = 8;

/** A zip archive of less than 4 GiB. */
export async function zip(files: readonly ArchiveFile[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, isProgram } of files) {
    const packed = await promisify(deflateRaw)(content);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(ZIP_VERSION, 0);
    about.writeUInt16LE(DEFLATED, 4);
    about.writeUInt16LE(ZIP_DATE, 8);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), packed]);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02');
    entry.writeUInt16LE(ZIP_VERSION | MADE_ON_UNIX, 4);
    about.copy(entry, 6);
    entry.writeUInt32LE(((0o100000 | (isProgram ? 0o755 : 0o644)) << 16) >>> 0, 38);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, Buffer.from(name));
    parts.push(local);
    at += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, index, end]);
}
