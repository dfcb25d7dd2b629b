package dev.understudy.proxy.guard;

import dev.understudy.pool.UserList;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The guards of a process: filters of the same route with the same arguments, in either lane and
 * before or after a reload, get the same guard. One that no route uses any more is collected.
 * Thread-safe.
 */
public final class GuardRegistry {
  /** Stands for the route of default filters, whose guards all routes share. */
  public static final String DEFAULTS = "";

  /**
   * What a guard is known by.
   *
   * @param place the route's id, or the name of a table
   */
  private record Identity(String place, boolean table, Object settings) {}

  private final ConcurrentHashMap<Identity, WeakReference<Object>> known =
      new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, UserFile> userFiles = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  /** Created for the first {@code BasicAuth}. */
  private @Nullable PasswordVerifier verifier;

  public GuardRegistry() {
    this(System::nanoTime);
  }

  GuardRegistry(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Creates guards that check passwords on that executor.
   *
   * @param passwords rejects what would wait too long
   */
  public GuardRegistry(Executor passwords) {
    this(System::nanoTime);
    verifier = new PasswordVerifier(passwords);
  }

  /**
   * Returns the limiter of a {@code RateLimit}.
   *
   * @param route the id of the filter's route, or {@link #DEFAULTS}
   * @param arguments the filter's, by name; {@code table} names one that routes share
   * @throws IllegalArgumentException if one is not valid; the message says what was expected
   */
  public RateLimiter rate(String route, Function<String, @Nullable String> arguments) {
    RateSettings settings = RateSettings.of(arguments);
    return get(identity(route, arguments, settings), () -> new RateLimiter(settings, nanoTime));
  }

  /**
   * Returns the authenticator of a {@code BasicAuth}.
   *
   * @param arguments the filter's, by name
   * @throws IllegalArgumentException if one is not valid; the message says what was expected
   */
  public Authenticator authenticator(Function<String, @Nullable String> arguments) {
    Authenticator.Settings settings = Authenticator.Settings.of(arguments);
    UserFile users = userFiles.computeIfAbsent(settings.file(), file -> new UserFile());
    return get(
        new Identity(DEFAULTS, false, settings),
        () -> new Authenticator(settings, users, verifier()));
  }

  /**
   * Returns the guard of a filter of another kind.
   *
   * @param route the id of the filter's route, or {@link #DEFAULTS}
   * @param settings all that the guard depends on, of a type of its own
   */
  public <T> T guard(String route, Object settings, Supplier<T> fresh) {
    return get(new Identity(route, false, settings), fresh);
  }

  private synchronized PasswordVerifier verifier() {
    if (verifier == null) {
      verifier = new PasswordVerifier();
    }
    return verifier;
  }

  /**
   * Puts users into force; a file that is not there admits nobody.
   *
   * @param lists by the path as the dynamic file has it
   */
  public void use(Map<String, UserList> lists) {
    lists.forEach(
        (file, list) -> userFiles.computeIfAbsent(file, fresh -> new UserFile()).use(list));
    userFiles.forEach((file, users) -> users.use(lists.getOrDefault(file, UserList.EMPTY)));
  }

  /** The counts of all limiters as text for the next process. */
  public String rates() {
    RateTable table = new RateTable();
    known.forEach(
        (identity, reference) -> {
          if (identity.settings() instanceof RateSettings settings
              && reference.get() instanceof RateLimiter limiter) {
            table.add(identity.place(), identity.table(), settings, limiter.entries());
          }
        });
    return table.text();
  }

  /**
   * Takes over the counts of the process before, for the limiters that there are; the others are
   * left.
   *
   * @param rates of {@link #rates}; null for none
   */
  public void restore(@Nullable String rates) {
    RateTable.read(
        rates,
        (place, table, settings) -> {
          WeakReference<Object> reference = known.get(new Identity(place, table, settings));
          return reference != null && reference.get() instanceof RateLimiter limiter
              ? limiter
              : null;
        });
  }

  private static Identity identity(
      String route, Function<String, @Nullable String> arguments, Object settings) {
    String table = arguments.apply("table");
    return table == null
        ? new Identity(route, false, settings)
        : new Identity(table, true, settings);
  }

  @SuppressWarnings("unchecked") // an identity's settings are of one kind of guard
  private <T> T get(Identity identity, Supplier<T> fresh) {
    known.values().removeIf(reference -> reference.get() == null);
    Object[] found = new Object[1];
    known.compute(
        identity,
        (id, before) -> {
          Object guard = before == null ? null : before.get();
          found[0] = guard == null ? fresh.get() : guard;
          return guard == null ? new WeakReference<>(found[0]) : before;
        });
    return (T) found[0];
  }
}
