const LINE_FEED = 0x0a;

/** Encodings of files that are read, by the names that the WHATWG Encoding Standard gives them. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'latin1',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'iso-8859-2',
  'iso-8859-5',
  'iso-8859-15',
  'koi8-r',
  'macintosh',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'gbk',
  'gb18030',
  'big5',
] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** Finds and decodes the lines of one encoding. In all of them but UTF-16 the byte 0x0a is a line feed wherever it stands. */
export interface LineDecoder {
  /** Bytes of a line feed. */
  readonly unit: 1 | 2;
  /** What a file may begin with that is no text. */
  readonly byteOrderMark: Buffer;
  /** Where the next line feed begins; -1 where there is none. */
  lineFeed(block: Buffer, from: number): number;
  decode(block: Buffer, start: number, end: number): string;
}

export function lineDecoder(encoding: Encoding): LineDecoder {
  if (encoding === 'utf-8') {
    return {
      unit: 1,
      byteOrderMark: Buffer.from([0xef, 0xbb, 0xbf]),
      lineFeed: (block, from) => block.indexOf(LINE_FEED, from),
      decode: (block, start, end) => block.toString('utf8', start, end),
    };
  }
  const decode = decodeOf(encoding);
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const little = encoding === 'utf-16le';
    const byteOrderMark = Buffer.from(little ? [0xff, 0xfe] : [0xfe, 0xff]);
    return { unit: 2, byteOrderMark, lineFeed: (block, from) => wideLineFeed(block, from, little), decode };
  }
  return { unit: 1, byteOrderMark: Buffer.alloc(0), lineFeed: (block, from) => block.indexOf(LINE_FEED, from), decode };
}

function decodeOf(encoding: Encoding): LineDecoder['decode'] {
  if (encoding === 'latin1') return (block, start, end) => block.toString('latin1', start, end);
  if (encoding === 'windows-1252') return (block, start, end) => withWindowsLetters(block.toString('latin1', start, end));
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (block, start, end) => decoder.decode(block.subarray(start, end));
}

/** What Windows-1252 has where Latin-1 has control characters. Node's decoder (20.x) takes the one for the other. */
const WINDOWS_LETTERS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function withWindowsLetters(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (letter) => WINDOWS_LETTERS[letter.charCodeAt(0) - 0x80] as string);
}

/** A line feed of two bytes at an even place: 0x0a also stands in other characters. */
function wideLineFeed(block: Buffer, from: number, little: boolean): number {
  for (let at = block.indexOf(LINE_FEED, from); at >= 0; at = block.indexOf(LINE_FEED, at + 1)) {
    const begin = little ? at : at - 1;
    if (begin >= from && begin % 2 === 0 && block[little ? at + 1 : begin] === 0) return begin;
  }
  return -1;
}
