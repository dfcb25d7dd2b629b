package dev.understudy.config;

import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import dev.understudy.pool.TextFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A listener as written; null stands for an absent key.
 *
 * @param port {@code 0}: any free port.
 * @param address The address to listen on.
 * @param pool The pool that connections are relayed to.
 * @param serverNames Pools by the server name in the client's TLS handshake: exact, or {@code *.}
 *     and a domain for one label below it. Without a match {@code protocols} count, then {@code
 *     pool}; without {@code pool} the connection is closed.
 * @param protocols Pools by the first bytes of a client, for clients without a matching server
 *     name: {@code tls}, {@code ssh}, `http`, or a prefix such as {@code 0x0300}, 1 to 16 bytes in
 *     hexadecimal. See [several protocols on one port](listeners.md#several-protocols-on-one-port).
 *     Not with {@code tls}.
 * @param inspectDelay How long a listener with {@code server-names} or {@code protocols} waits for
 *     the first bytes of a client. Then it decides by the bytes that have come.
 * @param proxyProtocol Whether every connection begins with a PROXY protocol header, version 1 or
 *     2.
 * @param http2 Whether a client may begin with HTTP/2, without TLS ([prior
 *     knowledge](protocols.md#http2-without-tls)). Only for plain HTTP; with {@code tls} it is
 *     {@code tls.http2}.
 * @param tls TLS of clients ends at this listener. Without this section HTTP is plain, and TCP
 *     bytes are passed on as they come.
 */
record RawListener(
    @Required("a port") @Whole(min = 0, max = 65_535) int port,
    @Unset("all") @Text(TextFormat.ADDRESS) @Nullable String address,
    @Unset("none") @Values("the name of a pool with `tcp` or `tls` servers") @Text(TextFormat.LABEL)
        @Nullable String pool,
    @Entries(max = DynamicFileLimits.SERVER_NAMES, keys = TextFormat.SERVER_NAME)
        @Nullable Map<String, String> serverNames,
    @Entries(max = DynamicFileLimits.PROTOCOLS, keys = TextFormat.FIRST_BYTES)
        @Nullable Map<String, String> protocols,
    @Default("3s") @Span(max = "10m") Duration inspectDelay,
    @Default("false") boolean proxyProtocol,
    @Default("false") boolean http2,
    @Unset("off") @Nullable Tls tls) {

  /**
   * TLS that ends at the listener.
   *
   * @param certificates PEM files with a certificate chain and its key (or the key in {@code
   *     FILE.key}), or folders of such files; relative to the dynamic file. Each is used for the
   *     names in its certificate, the first for all others. Either this or {@code bundle}.
   * @param bundle SSL bundle of [{@code spring.ssl.bundle}](#spring-boots-own).
   * @param clientAuth Whether clients show a certificate. {@code optional}: one that is shown is
   *     verified. {@code required}: without a verified one there is no connection.
   * @param clientCa PEM file with the authorities of client certificates.
   * @param crl File with [lists of revoked client certificates](tls.md#revoked-certificates), in
   *     PEM or DER. Only with {@code client-ca}.
   * @param http2 Whether HTTP/2 is offered.
   * @param minVersion The lowest version of TLS.
   * @param strictNames {@code true}: a client gets no connection if it names no server, or one that
   *     no certificate has (HAProxy {@code strict-sni}). {@code false}: it gets the first
   *     certificate.
   */
  record Tls(
      @Default @Entries(max = DynamicFileLimits.CERTIFICATES) List<String> certificates,
      @Unset("none") @Text(TextFormat.NAME) @Nullable String bundle,
      @Default("none") ListenerTls.ClientAuth clientAuth,
      @Unset("none") @Values("the path of a file") @Text(TextFormat.NOT_EMPTY)
          @Nullable String clientCa,
      @Unset("none") @Values("the path of a file") @Text(TextFormat.NOT_EMPTY) @Nullable String crl,
      @Default("true") boolean http2,
      @Default("TLSv1.2") @Text(TextFormat.TLS_VERSION) String minVersion,
      @Default("false") boolean strictNames) {}
}
