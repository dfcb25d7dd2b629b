package dev.understudy.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of networks, searched in logarithmic time. IPv4 and IPv6 are apart: {@code ::/0} contains
 * no IPv4 address. A network of mapped addresses, {@code ::ffff:10.0.0.0/104}, is the one of IPv4,
 * as {@link IpAddress} has it.
 */
public final class Networks {
  /** No network. */
  public static final Networks NONE = of(List.of());

  /** The bits of an IPv6 address before the IPv4 address in it. */
  private static final int EMBEDDED_BITS = 96;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Range(byte[] first, byte[] last) {}

  private final List<String> texts;
  private final Range[] v4;
  private final Range[] v6;

  private Networks(List<String> texts, Range[] v4, Range[] v6) {
    this.texts = List.copyOf(texts);
    this.v4 = v4;
    this.v6 = v6;
  }

  /**
   * Reads networks such as {@code 10.0.0.0/8}, {@code fd00::/8} or the single address {@code
   * 192.0.2.1} (RFC 4632 §3.1, RFC 4291 §2.3).
   *
   * @throws IllegalArgumentException if a text is no network; the message says the expected form
   */
  public static Networks of(List<String> texts) {
    List<Range> ranges = new ArrayList<>();
    for (String text : texts) {
      ranges.add(range(text));
    }
    return new Networks(texts, ofLength(ranges, 4), ofLength(ranges, 16));
  }

  /** The ranges of one kind, sorted, with those that overlap joined. */
  private static Range[] ofLength(List<Range> ranges, int length) {
    List<Range> apart = new ArrayList<>();
    ranges.stream()
        .filter(range -> range.first().length == length)
        .sorted((one, other) -> Arrays.compareUnsigned(one.first(), other.first()))
        .forEach(
            range -> {
              Range before = apart.isEmpty() ? null : apart.getLast();
              if (before == null || Arrays.compareUnsigned(range.first(), before.last()) > 0) {
                apart.add(range);
              } else if (Arrays.compareUnsigned(range.last(), before.last()) > 0) {
                apart.set(apart.size() - 1, new Range(before.first(), range.last()));
              }
            });
    return apart.toArray(Range[]::new);
  }

  private static Range range(String text) {
    int slash = text.indexOf('/');
    String written = slash < 0 ? text : text.substring(0, slash);
    IpAddress address = written.indexOf('%') < 0 ? IpAddress.parse(written) : null;
    if (address == null) {
      throw malformed(text);
    }
    byte[] first = address.bytes();
    int most = first.length * 8;
    // Of an IPv4 address that is written within an IPv6 one.
    int before = address.isV4() && written.indexOf(':') >= 0 ? EMBEDDED_BITS : 0;
    int bits = slash < 0 ? most : bits(text.substring(slash + 1), before, most, text);
    byte[] last = first.clone();
    for (int i = bits; i < most; i++) {
      int bit = 0x80 >> (i % 8);
      first[i / 8] &= (byte) ~bit;
      last[i / 8] |= (byte) bit;
    }
    return new Range(first, last);
  }

  private static int bits(String text, int before, int most, String whole) {
    int bits = text.matches("[0-9]{1,3}") ? Integer.parseInt(text) - before : -1;
    if (bits < 0 || bits > most) {
      throw malformed(whole);
    }
    return bits;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "expected an address or a network such as 10.0.0.0/8 or fd00::/8, found '" + text + "'");
  }

  /** The networks as they were written. */
  public List<String> texts() {
    return texts;
  }

  /**
   * The single addresses that look like networks without their mask, such as {@code 10.0.0.0} and
   * {@code fd00::}: such an address is contained alone, which is seldom meant.
   */
  public List<String> withoutMask() {
    return texts.stream().filter(text -> text.endsWith(".0") || text.endsWith("::")).toList();
  }

  /** The network that such an address looks like: its mask ends before the zeros at its end. */
  public static String withMask(String address) {
    byte[] bytes = range(address).first();
    int used = bytes.length;
    while (used > 1 && bytes[used - 1] == 0) {
      used--;
    }
    return IpAddress.of(bytes) + "/" + used * Byte.SIZE;
  }

  /** The network of such an address alone. */
  public static String alone(String address) {
    byte[] bytes = range(address).first();
    return IpAddress.of(bytes) + "/" + bytes.length * Byte.SIZE;
  }

  /** Whether one of the networks contains the address; false for null, one that is not known. */
  public boolean contains(@Nullable IpAddress address) {
    if (address == null) {
      return false;
    }
    byte[] bytes = address.bytes();
    Range[] ranges = bytes.length == 4 ? v4 : v6;
    int low = 0;
    int high = ranges.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(bytes, ranges[middle].first()) < 0) {
        high = middle - 1;
      } else if (Arrays.compareUnsigned(bytes, ranges[middle].last()) > 0) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Networks that && that.texts.equals(texts);
  }

  @Override
  public int hashCode() {
    return texts.hashCode();
  }

  @Override
  public String toString() {
    return texts.toString();
  }
}
