// Apple's Macs with M processors run no program without a signature; one that says nothing of who signed it, "ad hoc", is
// enough. What `codesign --sign -` would write, on any machine: after Apple's open sources, cs_blobs.h and loader.h.
import { createHash } from 'node:crypto';

const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_BYTES = 32;

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
/** Of a CodeDirectory that says which segment may be run. */
const VERSION = 0x20400;
const CODE_DIRECTORY_BYTES = 88;
const AD_HOC = 0x2;
const MAIN_BINARY = 0x1;
const SHA256 = { kind: 2, bytes: 32 };
const PAGE_BITS = 12;
const PAGE = 2 ** PAGE_BITS;
/** Of the machines with M processors. */
const MEMORY_PAGE = 2 ** 14;
/** Before the CodeDirectory: what it is in, and the one entry of that. */
const SUPER_BLOB_BYTES = 12 + 8;
/** Signatures begin at a multiple of it. */
const ALIGNMENT = 16;

/** The command that says where the signature is: itself, its size, and from where in the file how many bytes. */
const SIGNATURE_COMMAND_BYTES = 16;

/**
 * A 64-bit Mach-O program with an ad hoc signature at its end.
 *
 * @param program without a signature, whose last segment is `__LINKEDIT`
 * @throws when it is something else
 */
export function signAdHoc(program: Buffer, identifier: string): Buffer {
  const { text, linkEdit, end } = commandsOf(program);
  const codeBytes = Math.ceil(program.length / ALIGNMENT) * ALIGNMENT;
  const signatureBytes = sizeOfSignature(codeBytes, identifier);
  const signed = Buffer.alloc(codeBytes + signatureBytes);
  program.copy(signed);
  for (const [index, word] of [LC_CODE_SIGNATURE, SIGNATURE_COMMAND_BYTES, codeBytes, signatureBytes].entries()) {
    signed.writeUInt32LE(word, end + index * 4);
  }
  signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16);
  signed.writeUInt32LE(signed.readUInt32LE(20) + SIGNATURE_COMMAND_BYTES, 20);
  // __LINKEDIT reaches to the end of the file, and in memory to the end of the page.
  const linkEditBytes = signed.length - Number(signed.readBigUInt64LE(linkEdit + 40));
  signed.writeBigUInt64LE(BigInt(linkEditBytes), linkEdit + 48);
  signed.writeBigUInt64LE(BigInt(Math.ceil(linkEditBytes / MEMORY_PAGE) * MEMORY_PAGE), linkEdit + 32);
  const executable = { from: signed.readBigUInt64LE(text + 40), bytes: signed.readBigUInt64LE(text + 48) };
  signatureOf(signed.subarray(0, codeBytes), identifier, executable).copy(signed, codeBytes);
  return signed;
}

/** Where in the file the load commands stand that matter here, and where there is room for another. */
function commandsOf(program: Buffer): { readonly text: number; readonly linkEdit: number; readonly end: number } {
  if (program.readUInt32LE(0) !== 0xfeedfacf) throw new TypeError('not a 64-bit Mach-O program');
  const found = new Map<string | number, number>();
  let at = HEADER_BYTES;
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    const kind = program.readUInt32LE(at);
    found.set(kind === LC_SEGMENT_64 ? nameAt(program, at + 8) : kind, at);
    at += program.readUInt32LE(at + 4);
  }
  const [text, linkEdit] = [found.get('__TEXT'), found.get('__LINKEDIT')];
  if (text === undefined || linkEdit === undefined) throw new TypeError('a Mach-O program without its usual segments');
  if (found.has(LC_CODE_SIGNATURE)) throw new TypeError('the program has a signature');
  // The first section of __TEXT begins where the load commands and the room behind them end.
  const room = program.readUInt32LE(text + 72 + 48) - at;
  if (room < SIGNATURE_COMMAND_BYTES) throw new TypeError('no room for another load command');
  return { text, linkEdit, end: at };
}

function nameAt(program: Buffer, at: number): string {
  return program.toString('latin1', at, at + 16).split('\0', 1)[0] ?? '';
}

function sizeOfSignature(codeBytes: number, identifier: string): number {
  const hashes = Math.ceil(codeBytes / PAGE) * SHA256.bytes;
  const bytes = SUPER_BLOB_BYTES + CODE_DIRECTORY_BYTES + identifier.length + 1 + hashes;
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Big-endian, unlike the program. */
function signatureOf(
  code: Buffer,
  identifier: string,
  executable: { readonly from: bigint; readonly bytes: bigint },
): Buffer {
  const pages = Math.ceil(code.length / PAGE);
  const hashesAt = CODE_DIRECTORY_BYTES + identifier.length + 1;
  const directoryBytes = hashesAt + pages * SHA256.bytes;
  const blob = Buffer.alloc(sizeOfSignature(code.length, identifier));
  const words = [SUPER_BLOB, SUPER_BLOB_BYTES + directoryBytes, 1, 0, SUPER_BLOB_BYTES];
  for (const [index, word] of words.entries()) blob.writeUInt32BE(word, index * 4);
  const directory = blob.subarray(SUPER_BLOB_BYTES);
  const noSpecialHashes = 0;
  const fields = [CODE_DIRECTORY, directoryBytes, VERSION, AD_HOC, hashesAt, CODE_DIRECTORY_BYTES];
  for (const [index, word] of [...fields, noSpecialHashes, pages, code.length].entries()) {
    directory.writeUInt32BE(word, index * 4);
  }
  directory.set([SHA256.bytes, SHA256.kind, 0, PAGE_BITS], 36);
  directory.writeBigUInt64BE(executable.from, 64);
  directory.writeBigUInt64BE(executable.bytes, 72);
  directory.writeBigUInt64BE(BigInt(MAIN_BINARY), 80);
  directory.write(`${identifier}\0`, CODE_DIRECTORY_BYTES, 'latin1');
  for (let page = 0; page < pages; page++) {
    const hash = createHash('sha256')
      .update(code.subarray(page * PAGE, (page + 1) * PAGE))
      .digest();
    hash.copy(directory, hashesAt + page * SHA256.bytes);
  }
  return blob;
}
