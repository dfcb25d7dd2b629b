package dev.understudy.proxy.listener;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The certificates that the listeners and the connections to servers use now. Thread-safe. */
public final class CertificateInventory {
  /** What a certificate is used for. */
  public enum Use {
    /** Shown to clients. */
    SERVER,
    /** Shown to servers that ask for one. */
    CLIENT,
    /** Servers' certificates are verified against it. */
    UPSTREAM_TRUST
  }

  /**
   * One certificate in use.
   *
   * @param bundle the Spring SSL bundle, {@code server.ssl} for its own key store settings, or the
   *     file of a listener of the dynamic file
   * @param names the subject's alternative names, and the server names for which it is served
   */
  public record Entry(String bundle, Use use, List<String> names, X509Certificate certificate) {
    public Entry {
      names = List.copyOf(names);
    }

    /**
     * Returns those of one bundle.
     *
     * @param servedTo server names for which they are shown, beside the names in them
     */
    static List<Entry> of(
        String bundle, Use use, List<String> servedTo, List<X509Certificate> certificates) {
      return certificates.stream()
          .map(
              each -> {
                Set<String> names = new LinkedHashSet<>(servedTo);
                names.addAll(CertificateNames.alternative(each));
                return new Entry(bundle, use, List.copyOf(names), each);
              })
          .toList();
    }
  }

  private final FrontendCustomizer customizer;
  private final DynamicListeners listeners;
  private final ListenerTlsContexts contexts;
  private final UpstreamTlsContexts upstream;

  CertificateInventory(
      FrontendCustomizer customizer,
      DynamicListeners listeners,
      ListenerTlsContexts contexts,
      UpstreamTlsContexts upstream) {
    this.customizer = customizer;
    this.listeners = listeners;
    this.contexts = contexts;
    this.upstream = upstream;
  }

  /** When the first list of revoked certificates of each file in use should be replaced. */
  public Map<Path, Instant> revocationEnds() {
    Map<Path, Instant> ends = new TreeMap<>();
    listeners
        .secured()
        .forEach(
            tls ->
                tls.revocations()
                    .firstEnd()
                    .ifPresent(end -> ends.put(Objects.requireNonNull(tls.crl()), end)));
    return ends;
  }

  /** Lists the certificates that the next connection would use. */
  public List<Entry> read() {
    List<Entry> all = new ArrayList<>(customizer.certificates());
    listeners
        .secured()
        .distinct()
        .flatMap(each -> contexts.certificates(each).stream())
        .distinct()
        .forEach(all::add);
    all.addAll(upstream.certificates());
    return all;
  }
}
