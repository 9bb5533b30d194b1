/** A channel did not take a notification. The message holds no address of it: addresses of channels are secrets. */
export class ChannelFailed extends Error {
  override readonly name = 'ChannelFailed';
}
