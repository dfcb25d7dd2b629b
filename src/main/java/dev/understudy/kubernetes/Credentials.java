package dev.understudy.kubernetes;

import dev.understudy.file.BoundedFile;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token to send and the certificates to trust, read again as their files change: Kubernetes
 * renews a pod's token every hour, and its CA now and then. While a file is unreadable or
 * malformed, its previous content stays in force.
 *
 * <p>Not thread-safe: for one event loop.
 */
public final class Credentials {
  private static final Logger log = LoggerFactory.getLogger(Credentials.class);

  /** Limit of a file; larger than any token or bundle of a cluster. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final @Nullable Path tokenFile;
  private final @Nullable Path caFile;
  private final long interval;
  private long lastRead;
  private @Nullable String token;
  private byte @Nullable [] ca;
  private @Nullable SslContext trust;
  private String lastTrouble = "";

  /**
   * Reads both files for the first time.
   *
   * @param interval least time between two reads
   * @throws IllegalArgumentException if a file is unusable
   */
  public Credentials(KubernetesSettings settings, Duration interval) {
    this.tokenFile = settings.tokenFile();
    this.caFile = settings.caFile();
    this.interval = interval.toNanos();
    boolean tls = "https".equals(settings.url().getScheme());
    try {
      readToken();
      if (tls) {
        if (caFile == null) {
          trust = builder().build();
        }
        readCa();
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(KubernetesSettings.PREFIX + e.getMessage(), e);
    }
    lastRead = System.nanoTime();
  }

  /** Reads the files if the last read is at least the interval ago. */
  void refresh() {
    if (System.nanoTime() - lastRead >= interval) {
      refreshNow();
    }
  }

  /**
   * Reads the files.
   *
   * @return whether the token changed
   */
  boolean refreshNow() {
    lastRead = System.nanoTime();
    String before = token;
    String trouble = "";
    try {
      readToken();
    } catch (IOException e) {
      trouble = String.valueOf(e.getMessage());
    }
    try {
      if (trust != null) {
        readCa();
      }
    } catch (IOException e) {
      trouble = String.valueOf(e.getMessage());
    }
    if (!trouble.equals(lastTrouble) && !trouble.isEmpty()) {
      log.warn("{}{}; going on with what was read before", KubernetesSettings.PREFIX, trouble);
    }
    lastTrouble = trouble;
    return token != null && !token.equals(before);
  }

  @Nullable String token() {
    return token;
  }

  /** The current trust; a new object after each change. Null without TLS. */
  @Nullable SslContext trust() {
    return trust;
  }

  private void readToken() throws IOException {
    if (tokenFile == null) {
      return;
    }
    String text = new String(read("token-file", tokenFile), StandardCharsets.UTF_8).strip();
    if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException("token-file: there is no token in " + tokenFile);
    }
    token = text;
  }

  private void readCa() throws IOException {
    if (caFile == null) {
      return;
    }
    byte[] bytes = read("ca-file", caFile);
    if (Arrays.equals(bytes, ca)) {
      return;
    }
    try {
      trust = builder().trustManager(new ByteArrayInputStream(bytes)).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("ca-file: there is no certificate in PEM in " + caFile, e);
    }
    ca = bytes;
  }

  private static byte[] read(String setting, Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = BoundedFile.read(file, MAX_BYTES);
    } catch (IOException e) {
      throw new IOException(setting + ": " + file + " cannot be read", e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException(setting + ": " + file + " is larger than " + MAX_BYTES + " bytes");
    }
    return bytes;
  }

  /** The JDK's TLS: a few connections do not need another library. */
  private static SslContextBuilder builder() {
    return SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
  }
}
