package dev.understudy.proxy.forwardauth;

import dev.understudy.network.IpAddress;
import dev.understudy.proxy.forwardauth.AuthVerdict.Admitted;
import dev.understudy.proxy.forwardauth.ForwardAuthSettings.KeyPart;
import dev.understudy.proxy.http.CookieHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers who was admitted. The keys are digests of what the authenticator decided by, so that
 * they hold no credentials. Refusals are never kept. Thread-safe.
 */
final class AdmissionCache {
  /** The most entries; the one that was not used for the longest time makes room. */
  static final int MOST_ENTRIES = 10_000;

  /** The most characters in the fields of all, likewise. */
  static final int MOST_CHARACTERS = 16 << 20;

  private record Entry(Admitted admitted, long untilNanos) {
    int characters() {
      return admitted.fields().values().stream()
          .flatMap(List::stream)
          .mapToInt(String::length)
          .sum();
    }
  }

  private final ForwardAuthSettings settings;
  private final LongSupplier nanoTime;
  private final LinkedHashMap<ByteBuffer, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private int characters;

  AdmissionCache(ForwardAuthSettings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
  }

  /** What a question is kept by; null if it is not to be kept. */
  @Nullable ByteBuffer key(AuthQuestion question) {
    if (settings.cache().isZero()) {
      return null;
    }
    MessageDigest digest = sha256();
    if (settings.cacheKey().isEmpty()) {
      add(digest, question.method());
      add(digest, question.scheme());
      add(digest, Objects.requireNonNullElse(question.host(), ""));
      add(digest, question.target());
      add(digest, question.address());
      Subrequest.FORWARDED.forEach(name -> add(digest, question.fields().apply(name)));
      settings.requestHeaders().forEach(name -> add(digest, question.fields().apply(name)));
      return ByteBuffer.wrap(digest.digest());
    }
    boolean some = false;
    boolean named = false;
    for (KeyPart part : settings.cacheKey()) {
      switch (part.kind()) {
        case METHOD -> add(digest, question.method());
        case HOST -> add(digest, Objects.requireNonNullElse(question.host(), ""));
        case TARGET -> add(digest, question.target());
        case CLIENT_ADDRESS -> add(digest, question.address());
        case HEADER -> {
          List<String> values = question.fields().apply(part.name());
          add(digest, values);
          named = true;
          some |= !values.isEmpty();
        }
        case COOKIE -> {
          String value = cookie(question.fields().apply("cookie"), part.name());
          add(digest, value == null ? List.of() : List.of(value));
          named = true;
          some |= value != null;
        }
      }
    }
    // Without any of the fields that tell users apart, the next one may be anybody.
    return named && !some ? null : ByteBuffer.wrap(digest.digest());
  }

  synchronized @Nullable Admitted find(ByteBuffer key) {
    Entry entry = entries.get(key);
    if (entry == null || entry.untilNanos() - nanoTime.getAsLong() > 0) {
      return entry == null ? null : entry.admitted();
    }
    entries.remove(key);
    characters -= entry.characters();
    return null;
  }

  synchronized void keep(ByteBuffer key, Admitted admitted) {
    Entry kept = new Entry(admitted, nanoTime.getAsLong() + settings.cache().toNanos());
    Entry before = entries.put(key, kept);
    characters += kept.characters() - (before == null ? 0 : before.characters());
    while (entries.size() > MOST_ENTRIES || characters > MOST_CHARACTERS) {
      characters -= entries.pollFirstEntry().getValue().characters();
    }
  }

  private static @Nullable String cookie(List<String> lines, String name) {
    for (String line : lines) {
      int at = CookieHeader.find(line, name, 0);
      if (at >= 0) {
        int value = CookieHeader.value(line, at);
        return line.substring(value, CookieHeader.end(line, value));
      }
    }
    return null;
  }

  private static void add(MessageDigest digest, List<String> values) {
    add(digest, Integer.toString(values.size()));
    values.forEach(value -> add(digest, value));
  }

  private static void add(MessageDigest digest, @Nullable IpAddress address) {
    add(digest, address == null ? "" : address.toString());
  }

  /** With its length, so that what follows cannot be taken for a part of it. */
  private static void add(MessageDigest digest, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has SHA-256.
    }
  }
}
