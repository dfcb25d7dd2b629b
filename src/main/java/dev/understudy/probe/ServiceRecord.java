package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One SRV record (RFC 2782).
 *
 * @param priority the lower is preferred
 * @param host the target, in small letters and without a dot at its end
 * @param port 1 to 65535
 */
public record ServiceRecord(int priority, String host, int port) {
  /** Reads those records that are well-formed, and releases all. */
  static List<ServiceRecord> take(List<DnsRecord> records) {
    List<ServiceRecord> services = new ArrayList<>();
    for (DnsRecord each : records) {
      try {
        ServiceRecord service = read(each);
        if (service != null) {
          services.add(service);
        }
      } finally {
        ReferenceCountUtil.release(each);
      }
    }
    return services;
  }

  /** The record's content; null if it is another record, or malformed. */
  private static @Nullable ServiceRecord read(DnsRecord record) {
    if (!(record instanceof DnsRawRecord raw) || !record.type().equals(DnsRecordType.SRV)) {
      return null;
    }
    try {
      return read(raw.content());
    } catch (IndexOutOfBoundsException | CorruptedFrameException e) {
      return null;
    }
  }

  private static @Nullable ServiceRecord read(ByteBuf from) {
    int priority = from.readUnsignedShort();
    from.skipBytes(Short.BYTES);
    int port = from.readUnsignedShort();
    String name = DefaultDnsRecordDecoder.decodeName(from).toLowerCase(Locale.ROOT);
    String host = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    // "A Target of "." means that the service is decidedly not available at this domain."
    return host.isEmpty() || port == 0 ? null : new ServiceRecord(priority, host, port);
  }
}
