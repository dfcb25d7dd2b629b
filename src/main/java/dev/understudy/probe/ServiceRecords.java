package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads SRV records (RFC 2782): priority, weight, port, target. */
final class ServiceRecords {
  private ServiceRecords() {}

  /** Reads those that are well-formed, and releases all. */
  static List<ServiceRecord> take(List<DnsRecord> records) {
    List<ServiceRecord> services = new ArrayList<>();
    for (DnsRecord each : records) {
      try {
        ServiceRecord service =
            each instanceof DnsRawRecord raw && each.type().equals(DnsRecordType.SRV)
                ? read(raw.content())
                : null;
        if (service != null) {
          services.add(service);
        }
      } catch (RuntimeException e) {
        // A malformed record is as good as none.
        continue;
      } finally {
        ReferenceCountUtil.release(each);
      }
    }
    return services;
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
