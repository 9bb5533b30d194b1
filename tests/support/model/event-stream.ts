import { crc32 } from 'node:zlib';

/** The framing of AWS event streams: each server-sent event becomes one message of the type `chunk`. */
export const eventStream = { contentType: 'application/vnd.amazon.eventstream', frame };

function frame(event: string): Buffer {
  const data = event.slice(event.indexOf('data: ') + 6).trim();
  const payload = Buffer.from(JSON.stringify({ bytes: Buffer.from(data).toString('base64') }));
  const headers = Buffer.concat([
    header(':event-type', 'chunk'),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ]);
  const prelude = Buffer.concat([number(16 + headers.length + payload.length), number(headers.length)]);
  const message = Buffer.concat([prelude, number(crc32(prelude)), headers, payload]);
  return Buffer.concat([message, number(crc32(message))]);
}

function header(name: string, value: string): Buffer {
  const [text, type, length] = [Buffer.from(value), 7, Buffer.alloc(2)];
  length.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), length, text]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
