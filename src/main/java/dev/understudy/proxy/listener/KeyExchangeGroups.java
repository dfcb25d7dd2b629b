package dev.understudy.proxy.listener;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The groups of TLS key exchanges (RFC 8446 §4.2.7), by Java's names, in order of preference.
 *
 * @param names empty for each library's own
 */
public record KeyExchangeGroups(List<String> names) {
  /** Each library's own. */
  public static final KeyExchangeGroups DEFAULT = new KeyExchangeGroups(List.of());

  /** Those of BoringSSL that are worth offering. */
  private static final List<String> NATIVE =
      List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1", "secp521r1");

  /** OpenSSL's names, in small letters, which HAProxy has too. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "p-256", "secp256r1",
          "prime256v1", "secp256r1",
          "p-384", "secp384r1",
          "p-521", "secp521r1");

  /**
   * Reads them as the setting has them, OpenSSL's names too, in any case.
   *
   * @param provider the library that the settings ask for
   * @throws IllegalArgumentException if none of the libraries that may be used has one of them
   */
  static KeyExchangeGroups of(List<String> words, ListenerProperties.Tls.Provider provider) {
    if (words.isEmpty()) {
      return DEFAULT;
    }
    List<String> jdk = ofTheJdk();
    List<String> names = words.stream().map(word -> canonical(word.strip(), jdk)).toList();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!jdk.contains(name)
          && (provider == ListenerProperties.Tls.Provider.JDK || !NATIVE.contains(name))) {
        throw ClientProperties.unexpected("understudy.tls.groups", known(provider), words.get(i));
      }
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw ClientProperties.unexpected("understudy.tls.groups", "each group once", words);
    }
    return new KeyExchangeGroups(names);
  }

  /**
   * The curve of a certificate that they lack: TLS 1.2 counts it among the groups (RFC 8422 §5.1).
   *
   * @return null if they lack none
   */
  @Nullable String lackedCurve(X509Certificate certificate) {
    if (names.isEmpty() || !(certificate.getPublicKey() instanceof ECPublicKey key)) {
      return null;
    }
    String curve = "secp%dr1".formatted(key.getParams().getCurve().getField().getFieldSize());
    return names.contains(curve) ? null : curve;
  }

  private static String canonical(String word, List<String> jdk) {
    String alias = ALIASES.get(word.toLowerCase(Locale.ROOT));
    if (alias != null) {
      return alias;
    }
    for (List<String> each : List.of(NATIVE, jdk)) {
      for (String name : each) {
        if (name.equalsIgnoreCase(word)) {
          return name;
        }
      }
    }
    return word;
  }

  private static String known(ListenerProperties.Tls.Provider provider) {
    String jdk = "groups that the JDK's TLS has (" + String.join(", ", ofTheJdk()) + ")";
    return provider == ListenerProperties.Tls.Provider.JDK
        ? jdk
        : "groups that BoringSSL has (" + String.join(", ", NATIVE) + ") or " + jdk;
  }

  /** The groups that this JDK offers by itself. */
  static List<String> ofTheJdk() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      String[] groups = context.getSupportedSSLParameters().getNamedGroups();
      return groups == null ? List.of() : List.of(groups);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a JDK without TLS", e);
    }
  }

  /**
   * Those that a library has.
   *
   * @throws IllegalArgumentException if it has none of them
   */
  private List<String> of(SslProvider library) {
    List<String> known = library == SslProvider.JDK ? ofTheJdk() : NATIVE;
    List<String> usable = names.stream().filter(known::contains).toList();
    if (usable.isEmpty()) {
      throw ClientProperties.unexpected(
          "understudy.tls.groups",
          "one group at least of the library that this context needs (%s)"
              .formatted(String.join(", ", known)),
          names);
    }
    return usable;
  }

  /**
   * Makes a context that has these groups.
   *
   * @param library the one that the builder asks for
   * @throws IllegalArgumentException if it has none of them
   */
  SslContext build(SslContextBuilder builder, SslProvider library) throws SSLException {
    if (names.isEmpty()) {
      return builder.build();
    }
    String[] groups = of(library).toArray(String[]::new);
    return library == SslProvider.JDK
        ? new OfTheJdk(builder.build(), groups)
        : builder.option(OpenSslContextOption.GROUPS, groups).build();
  }

  /** The JDK has groups for each connection. */
  private static final class OfTheJdk extends DelegatingSslContext {
    private final String[] groups;

    OfTheJdk(SslContext context, String[] groups) {
      super(context);
      this.groups = groups;
    }

    @Override
    protected void initEngine(SSLEngine engine) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setNamedGroups(groups);
      engine.setSSLParameters(parameters);
    }
  }
}
