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
import org.slf4j.Logger;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.core.env.Environment;

/**
 * Explains why an SSL bundle is unusable: the messages of Spring Boot and the JDK without class
 * names, and with the files that the bundle names.
 */
public final class BundleFailureText {
  /** The expectation in words that follow "expected". */
  public static final String USABLE = "an SSL bundle that can be used";

  /** A class name in a message of the JDK. */
  private static final Pattern CLASS = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*: ");

  private static final List<String> KEY_STORE =
      List.of("keystore.certificate", "keystore.private-key", "keystore.location");
  private static final List<String> TRUST_STORE =
      List.of("truststore.certificate", "truststore.private-key", "truststore.location");

  private final Environment environment;

  /**
   * @param environment contains {@code spring.ssl.bundle.*}
   */
  public BundleFailureText(Environment environment) {
    this.environment = environment;
  }

  /** Returns the message about a bundle that is unusable. */
  static String message(String bundle, String why) {
    return "spring.ssl.bundle.*." + bundle + ": expected " + USABLE + ": " + why;
  }

  /** Logs that a changed bundle is unusable, so that the previous one stays in use. */
  void logUnusable(Logger log, @Nullable String bundle, RuntimeException failure) {
    log.warn(
        "TLS: bundle '{}' changed but is unusable, keeping the previous one: {}",
        bundle,
        words(bundle, failure));
  }

  /** Returns why an existing bundle is unusable; null if it is usable. */
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

  /** Describes a failure of the bundle, with the bundle's files. */
  String words(@Nullable String bundle, RuntimeException failure) {
    String text = words(failure);
    String files = bundle == null ? "" : files(bundle, text);
    return files.isEmpty() ? text : text + " (" + files + ")";
  }

  /** Describes a failure without naming files. */
  static String words(RuntimeException failure) {
    String said = CLASS.matcher(String.valueOf(failure.getMessage())).replaceAll("");
    String unreadable = unreadable(failure);
    return unreadable == null ? said : said + ", " + unreadable;
  }

  /** Returns the reason why a file is unreadable; null if the failure has another cause. */
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

  /** Lists the files of the store that the message is about, unless it already names one. */
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

  /** Returns the suffix of the settings' names to which the message refers; empty for all. */
  private static String about(String said) {
    if (said.contains("Missing private key") || said.contains("loading private key")) {
      return "private-key";
    }
    return said.contains("Missing certificates") || said.contains("reading certificate:")
        ? "certificate"
        : "";
  }

  /** Returns the setting with its file; PEM text in the setting itself is not shown. */
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
