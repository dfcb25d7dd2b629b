package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;

/** The memory that a piece of data keeps from being released: the whole buffer behind it. */
public final class PinnedMemory {
  private PinnedMemory() {}

  /** Returns the capacity in bytes of the buffer of which the data is a part. */
  public static int of(ByteBuf data) {
    ByteBuf whole = data;
    for (ByteBuf next = whole; next != null; next = next.unwrap()) {
      whole = next;
    }
    return whole.capacity();
  }
}
