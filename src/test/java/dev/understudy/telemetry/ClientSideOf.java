package dev.understudy.telemetry;

import dev.understudy.traffic.ClientSide;
import org.jspecify.annotations.Nullable;

/** A connection of a client, over TLS if there is a version, which had no name and certificate. */
record ClientSideOf(
    String listener,
    int localPort,
    @Nullable String tlsVersion,
    @Nullable String tlsCipher,
    @Nullable String tlsServerName,
    @Nullable String tlsSubject)
    implements ClientSide {
  ClientSideOf(
      String listener, int localPort, @Nullable String tlsVersion, @Nullable String tlsCipher) {
    this(listener, localPort, tlsVersion, tlsCipher, null, null);
  }
}
