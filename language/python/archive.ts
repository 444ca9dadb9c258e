/** A folder or file as base64 of a tar in a gzip, without compression: what an embedded artifact is packed into. */

export interface ArchiveEntry {
  /** `./src/a.py`; a folder without a trailing slash. */
  readonly name: string;
  /** Absent: a folder. */
  readonly bytes?: Uint8Array;
}

/** Text of the archive. The SDK's own differs from run to run in times and owners; what is in it is the same. */
export function archive(entries: readonly ArchiveEntry[]): string {
  return base64(gzip(tar(entries)));
}

function tar(entries: readonly ArchiveEntry[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { name, bytes } of entries) {
    blocks.push(header(bytes === undefined ? `${name}/` : name, bytes?.length));
    if (bytes === undefined) continue;
    blocks.push(bytes, new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  const size = blocks.reduce((sum, block) => sum + block.length, 0);
  // Two empty blocks end it, and Python fills up to 10 KiB.
  return join([...blocks, new Uint8Array(Math.ceil((size + 1024) / 10240) * 10240 - size)]);
}

/** A ustar header; a name of more than 100 bytes is split into its prefix field. */
function header(name: string, size: number | undefined): Uint8Array {
  const block = new Uint8Array(512);
  const encoder = new TextEncoder();
  const put = (text: string, at: number): void => block.set(encoder.encode(text), at);
  let [prefix, short] = ["", name];
  if (encoder.encode(name).length > 100) {
    const cut = name.lastIndexOf("/", 154);
    [prefix, short] = [name.slice(0, cut), name.slice(cut + 1)];
  }
  put(short, 0);
  put(size === undefined ? "0000755\0" : "0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${(size ?? 0).toString(8).padStart(11, "0")}\0`, 124);
  put(`${"0".repeat(11)}\0`, 136);
  put(" ".repeat(8), 148);
  put(size === undefined ? "5" : "0", 156);
  put("ustar\0" + "00", 257);
  put(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** RFC 1952 around stored blocks (RFC 1951 §3.2.4): no compressor is needed to write them. */
function gzip(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)];
  for (let at = 0; at < bytes.length || at === 0; at += 0xffff) {
    const part = bytes.subarray(at, at + 0xffff);
    const { length } = part;
    const last = at + 0xffff >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.of(last, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff), part);
  }
  const end = new DataView(new ArrayBuffer(8));
  end.setUint32(0, crc32(bytes), true);
  end.setUint32(4, bytes.length, true);
  parts.push(new Uint8Array(end.buffer));
  return join(parts);
}

function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64(bytes: Uint8Array): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let i = 0; i < 4; i++) out += at + i > bytes.length ? "=" : letters.charAt((group >> (18 - 6 * i)) & 63);
  }
  return out;
}
