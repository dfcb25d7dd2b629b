package dev.understudy.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server name of a ClientHello (RFC 6066 §3) and passes all bytes on as they came; then
 * it removes itself. Bytes that are not TLS have no name, nor has a ClientHello that the client
 * leaves incomplete at the end of its output.
 *
 * <p>The ClientHello may be cut into records in any way, and empty records, alerts and changes of
 * the cipher may come before and between them: TLS libraries pass over some of these (OpenSSL and
 * BoringSSL over empty records and warnings), so that a name behind them would lead a server, but
 * not this proxy.
 */
public final class ServerNamePeek extends ByteToMessageDecoder {
  /** The longest ClientHello; browsers send 2 KB at most, with post-quantum key shares. */
  private static final int MAX_CLIENT_HELLO = 16 * 1024;

  /** The most bytes that are looked at, with the heads of records and all that is passed over. */
  private static final int MAX_BYTES = 2 * MAX_CLIENT_HELLO;

  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int HANDSHAKE = 22;
  private static final int TLS = 3;
  private static final int RECORD_HEAD = 5;
  private static final int CLIENT_HELLO = 1;
  private static final int MESSAGE_HEAD = 4;
  private static final int VERSION_AND_RANDOM = 34;
  private static final int SERVER_NAME = 0;
  private static final int HOST_NAME = 0;

  private final Consumer<@Nullable String> found;
  private @Nullable ChannelHandlerContext added;

  /** The first bytes of the handshake, without the heads of records; on the heap. */
  private final ByteBuf handshake = Unpooled.buffer(0);

  /** Where the next record begins, counted from the first byte. */
  private int next;

  /**
   * Creates the handler of one connection.
   *
   * @param found receives the name in small letters, or null if there is none, before the bytes
   */
  public ServerNamePeek(Consumer<@Nullable String> found) {
    this.found = found;
  }

  /** Whether bytes begin as records do that may precede a name. */
  static boolean mayBegin(byte[] sent, int length) {
    return length > 0
        && sent[0] >= CHANGE_CIPHER_SPEC
        && sent[0] <= HANDSHAKE
        && (length == 1 || sent[1] == TLS);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    added = ctx;
  }

  /** Takes the client for one without a name, as no more is awaited. */
  void stop() {
    if (added != null && !added.isRemoved()) {
      found(added, null);
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    super.decodeLast(ctx, in, out);
    if (ctx.channel().isActive()) {
      stop();
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    while (in.readableBytes() - next >= RECORD_HEAD) {
      int at = in.readerIndex() + next;
      int type = in.getUnsignedByte(at);
      int length = in.getUnsignedShort(at + 3);
      if (next + RECORD_HEAD + length > MAX_BYTES) {
        throw tooLong(next + RECORD_HEAD + length);
      }
      if (in.getUnsignedByte(at + 1) != TLS || type < CHANGE_CIPHER_SPEC || type > HANDSHAKE) {
        found(ctx, null);
        return;
      }
      if (at + RECORD_HEAD + length > in.writerIndex()) {
        return;
      }
      next += RECORD_HEAD + length;
      if (type == HANDSHAKE && length > 0) {
        handshake.writeBytes(in, at + RECORD_HEAD, length);
        int whole = wholeLength();
        if (whole >= 0 && handshake.readableBytes() >= whole) {
          found(ctx, name(handshake.slice(0, whole)));
          return;
        }
      }
    }
  }

  /** The length of the first message with its head; 0 if it is no ClientHello; -1 if not known. */
  private int wholeLength() {
    if (handshake.getUnsignedByte(0) != CLIENT_HELLO) {
      return 0;
    }
    if (handshake.readableBytes() < MESSAGE_HEAD) {
      return -1;
    }
    int length = handshake.getUnsignedMedium(1);
    if (length > MAX_CLIENT_HELLO) {
      throw tooLong(length);
    }
    return MESSAGE_HEAD + length;
  }

  private static TooLongFrameException tooLong(int length) {
    return new TooLongFrameException(
        "expected a ClientHello of " + MAX_CLIENT_HELLO + " bytes at most, found " + length);
  }

  /** The server name of a message; null if it has none. */
  private static @Nullable String name(ByteBuf message) {
    try {
      message.skipBytes(Math.min(MESSAGE_HEAD, message.readableBytes()));
      message.skipBytes(VERSION_AND_RANDOM);
      // The session's id, the cipher suites, and the methods of compression.
      message.skipBytes(message.readUnsignedByte());
      message.skipBytes(message.readUnsignedShort());
      message.skipBytes(message.readUnsignedByte());
      ByteBuf extensions = message.readSlice(message.readUnsignedShort());
      while (extensions.isReadable()) {
        int type = extensions.readUnsignedShort();
        ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
        if (type == SERVER_NAME) {
          return hostName(extension.readSlice(extension.readUnsignedShort()));
        }
      }
    } catch (IndexOutOfBoundsException e) {
      // A message that is cut off has no name; servers refuse it.
    }
    return null;
  }

  private static @Nullable String hostName(ByteBuf names) {
    while (names.isReadable()) {
      int type = names.readUnsignedByte();
      ByteBuf name = names.readSlice(names.readUnsignedShort());
      if (type == HOST_NAME) {
        return name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }

  private void found(ChannelHandlerContext ctx, @Nullable String name) {
    found.accept(name);
    ctx.pipeline().remove(this);
  }
}
