package dev.understudy.proxy.listener;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What TLS contexts towards clients and TLS contexts towards servers have in common. */
final class TlsContextParts {
  private TlsContextParts() {}

  /** ALPN (RFC 7301): a peer that knows none of the protocols is not refused. */
  static ApplicationProtocolConfig alpn(List<String> protocols) {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  /** The values of a bundle's option as a list; null if the option is not set. */
  static @Nullable List<String> optionValues(String @Nullable [] values) {
    return values == null ? null : List.of(values);
  }
}
