package dev.understudy.proxy.listener;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What TLS contexts towards clients and towards servers are made of alike. */
final class ContextParts {
  private ContextParts() {}

  /** ALPN (RFC 7301): a peer that knows none of the protocols is not refused. */
  static ApplicationProtocolConfig alpn(List<String> protocols) {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  /** An option of a bundle; null if it is not set. */
  static @Nullable List<String> list(String @Nullable [] values) {
    return values == null ? null : List.of(values);
  }
}
