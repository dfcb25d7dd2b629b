package dev.understudy.proxyprotocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.understudy.network.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the PROXY protocol header, version 1 or 2, with which a connection begins, passes all bytes
 * after it on and removes itself. A connection that begins otherwise is refused, as by HAProxy's
 * {@code accept-proxy}: a doubtful address must not become a client's.
 *
 * <table>
 * <caption>What is read</caption>
 * <tr><th>header</th><th>client</th></tr>
 * <tr><td>{@code PROXY TCP4} and {@code TCP6}: two addresses, two ports up to 65535 without sign and
 * leading zeros</td><td>the first address</td></tr>
 * <tr><td>{@code PROXY UNKNOWN}, whatever follows in the line</td><td>the peer</td></tr>
 * <tr><td>version 2, {@code PROXY} of TCP over IPv4 or IPv6: both addresses, then TLVs that end with
 * the header; a CRC32C among them is right</td><td>the first address</td></tr>
 * <tr><td>version 2, {@code PROXY} of another family</td><td>the peer</td></tr>
 * <tr><td>version 2, {@code LOCAL}, as of a balancer's own checks</td><td>the peer</td></tr>
 * </table>
 *
 * <p>Source: HAProxy's proxy-protocol.txt, sections 2.1 and 2.2.
 */
public final class ProxyHeaderDecoder extends ByteToMessageDecoder {
  /** With the line's end: section 2.1, "a 108-byte buffer is always enough". */
  private static final int LONGEST_LINE = 107;

  /** Bytes of addresses and TLVs of version 2; HAProxy bounds them by its buffer of 16 KB. */
  private static final int MAX_REST = 4096;

  private static final byte[] LINE = "PROXY ".getBytes(US_ASCII);
  private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(US_ASCII);
  private static final int FIXED = 16;

  private static final int LOCAL = 0x20;
  private static final int PROXY = 0x21;
  private static final int TCP4 = 0x11;
  private static final int TCP6 = 0x21;

  private static final int TLV_HEAD = 3;
  private static final int CRC32C_TYPE = 3;

  private final Consumer<@Nullable ClientProxyHeader> found;
  private final Runnable refused;

  /**
   * @param found receives the header on the event loop, before the bytes after it; null if it names
   *     no client, so that the peer is one
   * @param refused called on the event loop if the connection begins otherwise; it is to be closed
   *     then, and its bytes so far are dropped
   */
  public ProxyHeaderDecoder(Consumer<@Nullable ClientProxyHeader> found, Runnable refused) {
    this.found = found;
    this.refused = refused;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    ClientProxyHeader client;
    try {
      int length = length(in);
      if (length == 0 || length > in.readableBytes()) {
        return;
      }
      ByteBuf header = in.readSlice(length);
      client = header.getByte(header.readerIndex()) == LINE[0] ? line(header) : binary(header);
    } catch (MalformedHeader e) {
      in.skipBytes(in.readableBytes());
      refused.run();
      return;
    }
    found.accept(client);
    boolean more = in.isReadable();
    ctx.pipeline().remove(this);
    if (!more) {
      ctx.read();
    }
  }

  /** The length of the whole header; 0 if more is awaited to tell it. */
  private static int length(ByteBuf in) throws MalformedHeader {
    boolean text = in.getByte(in.readerIndex()) == LINE[0];
    byte[] beginning = text ? LINE : SIGNATURE;
    int here = Math.min(in.readableBytes(), beginning.length);
    for (int i = 0; i < here; i++) {
      if (in.getByte(in.readerIndex() + i) != beginning[i]) {
        throw new MalformedHeader();
      }
    }
    if (here < beginning.length) {
      return 0;
    }
    return text ? lineLength(in) : binaryLength(in);
  }

  /** The length of the line with its end; 0 if more is awaited. */
  private static int lineLength(ByteBuf in) throws MalformedHeader {
    int most = Math.min(in.readableBytes(), LONGEST_LINE);
    int end = in.indexOf(in.readerIndex(), in.readerIndex() + most, (byte) '\n');
    if (end < 0 && most == LONGEST_LINE) {
      throw new MalformedHeader();
    }
    return end < 0 ? 0 : end - in.readerIndex() + 1;
  }

  private static @Nullable ClientProxyHeader line(ByteBuf header) throws MalformedHeader {
    String line = header.toString(US_ASCII);
    if (!line.endsWith("\r\n")) {
      throw new MalformedHeader();
    }
    String[] words = line.substring(0, line.length() - 2).split(" ", -1);
    if (words[1].equals("UNKNOWN")) {
      return null;
    }
    boolean v6 = words[1].equals("TCP6");
    if (words.length != 6 || !(v6 || words[1].equals("TCP4"))) {
      throw new MalformedHeader();
    }
    return ClientProxyHeader.of(
        address(words[2], v6), port(words[4]), address(words[3], v6), port(words[5]));
  }

  private static IpAddress address(String word, boolean v6) throws MalformedHeader {
    boolean ofFamily = (word.indexOf(':') >= 0) == v6 && word.indexOf('%') < 0;
    IpAddress address = ofFamily ? IpAddress.parse(word) : null;
    if (address == null) {
      throw new MalformedHeader();
    }
    return address;
  }

  private static int port(String word) throws MalformedHeader {
    boolean digits = word.chars().allMatch(c -> c >= '0' && c <= '9');
    boolean zeros = word.length() > 1 && word.charAt(0) == '0';
    if (word.isEmpty() || word.length() > 5 || !digits || zeros) {
      throw new MalformedHeader();
    }
    int port = Integer.parseInt(word);
    if (port > 0xffff) {
      throw new MalformedHeader();
    }
    return port;
  }

  /** The length of the whole header; 0 if more is awaited. */
  private static int binaryLength(ByteBuf in) throws MalformedHeader {
    if (in.readableBytes() < FIXED) {
      return 0;
    }
    int rest = in.getUnsignedShort(in.readerIndex() + FIXED - 2);
    if (rest > MAX_REST) {
      throw new MalformedHeader();
    }
    return FIXED + rest;
  }

  private static @Nullable ClientProxyHeader binary(ByteBuf header) throws MalformedHeader {
    int start = header.readerIndex();
    int command = header.getUnsignedByte(start + SIGNATURE.length);
    int family = header.getUnsignedByte(start + SIGNATURE.length + 1);
    if (command != LOCAL && command != PROXY) {
      throw new MalformedHeader();
    }
    if (command == LOCAL || (family != TCP4 && family != TCP6)) {
      return null;
    }
    int size = family == TCP4 ? 4 : 16;
    int tlvs = start + FIXED + 2 * size + 4;
    if (tlvs > header.writerIndex()) {
      throw new MalformedHeader();
    }
    checkTlvs(header, tlvs);
    int ports = start + FIXED + 2 * size;
    return ClientProxyHeader.of(
        address(header, start + FIXED, size),
        header.getUnsignedShort(ports),
        address(header, start + FIXED + size, size),
        header.getUnsignedShort(ports + 2));
  }

  private static IpAddress address(ByteBuf header, int at, int size) {
    return IpAddress.of(ByteBufUtil.getBytes(header, at, size));
  }

  private static void checkTlvs(ByteBuf header, int from) throws MalformedHeader {
    int at = from;
    while (at < header.writerIndex()) {
      if (at + TLV_HEAD > header.writerIndex()) {
        throw new MalformedHeader();
      }
      int length = header.getUnsignedShort(at + 1);
      int next = at + TLV_HEAD + length;
      if (next > header.writerIndex()) {
        throw new MalformedHeader();
      }
      if (header.getByte(at) == CRC32C_TYPE && !isRight(header, at + TLV_HEAD, length)) {
        throw new MalformedHeader();
      }
      at = next;
    }
  }

  /** Whether the checksum is right for the header with zeros in its place (section 2.2.4). */
  private static boolean isRight(ByteBuf header, int at, int length) {
    if (length != Integer.BYTES) {
      return false;
    }
    byte[] bytes = ByteBufUtil.getBytes(header);
    int own = at - header.readerIndex();
    bytes[own] = bytes[own + 1] = bytes[own + 2] = bytes[own + 3] = 0;
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return (int) sum.getValue() == header.getInt(at);
  }

  /** Has no stack trace, since anybody can cause it. */
  private static final class MalformedHeader extends Exception {
    private static final long serialVersionUID = 1;

    MalformedHeader() {
      super("malformed PROXY protocol header", null, false, false);
    }
  }
}
