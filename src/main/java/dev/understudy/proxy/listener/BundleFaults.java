package dev.understudy.proxy.listener;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.core.env.Environment;

/**
 * Why SSL bundles can't be used: Boot's and the JDK's words without names of classes, and with the
 * files that the bundle names.
 */
public final class BundleFaults {
  /** Names of classes in messages of the JDK. */
  private static final Pattern CLASS = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*: ");

  private static final List<String> KEY_STORE =
      List.of("keystore.certificate", "keystore.private-key", "keystore.location");
  private static final List<String> TRUST_STORE =
      List.of("truststore.certificate", "truststore.private-key", "truststore.location");

  private final Environment environment;

  /**
   * @param environment holds {@code spring.ssl.bundle.*}
   */
  public BundleFaults(Environment environment) {
    this.environment = environment;
  }

  /** Why a bundle that is there can't be used; null: it can. */
  public @Nullable String why(SslBundles bundles, String name) {
    try {
      SslBundle bundle = bundles.getBundle(name);
      SslManagerBundle managers = bundle.getManagers();
      var unusedKeys = managers.getKeyManagerFactory();
      var unusedTrust = managers.getTrustManagerFactory();
      KeyMatch.require(bundle);
      return null;
    } catch (RuntimeException e) {
      return words(name, e);
    }
  }

  /** What that failure of the bundle means. */
  String words(@Nullable String bundle, RuntimeException failure) {
    String text = words(failure);
    String files = bundle == null ? "" : files(bundle, text);
    return files.isEmpty() ? text : text + " (" + files + ")";
  }

  /** The same without the files. */
  static String words(RuntimeException failure) {
    String said = CLASS.matcher(String.valueOf(failure.getMessage())).replaceAll("");
    String unreadable = unreadable(failure);
    return unreadable == null ? said : said + ", " + unreadable;
  }

  /** Null: it is not about reading a file. */
  private static @Nullable String unreadable(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof NoSuchFileException || each instanceof FileNotFoundException) {
        return "which does not exist";
      }
      if (each instanceof AccessDeniedException) {
        return "which this process may not read";
      }
    }
    return null;
  }

  /** Those of the store that the message is about, unless it names its file. */
  private String files(String bundle, String said) {
    List<String> store = said.contains("trust store") ? TRUST_STORE : KEY_STORE;
    String about = about(said);
    List<String> named =
        store.stream()
            .filter(each -> each.endsWith(about))
            .map(each -> named(bundle, each))
            .filter(Objects::nonNull)
            .toList();
    return named.stream().anyMatch(each -> said.contains(each.substring(each.indexOf(' ') + 1)))
        ? ""
        : named.stream().collect(Collectors.joining(", "));
  }

  /** How the names of the settings that it is about end. */
  private static String about(String said) {
    if (said.contains("Missing private key") || said.contains("loading private key")) {
      return "private-key";
    }
    return said.contains("Missing certificates") || said.contains("reading certificate:")
        ? "certificate"
        : "";
  }

  /** The setting and its file; PEM that stands in the setting itself is not shown. */
  private @Nullable String named(String bundle, String setting) {
    return Stream.of("pem", "jks")
        .map(type -> "spring.ssl.bundle." + type + "." + bundle + "." + setting)
        .map(environment::getProperty)
        .filter(Objects::nonNull)
        .findFirst()
        .map(value -> setting + ": " + (value.contains("-----BEGIN") ? "in the setting" : value))
        .orElse(null);
  }
}
