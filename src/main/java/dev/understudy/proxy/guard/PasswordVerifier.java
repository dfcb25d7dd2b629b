package dev.understudy.proxy.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.fairness.FairQueue;
import dev.understudy.pool.PasswordHash;
import dev.understudy.pool.UserList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies passwords of all users of a process, off the event loops: hashes are slow by design.
 *
 * <ul>
 *   <li>Half of the CPUs, at least one, compute hashes; at most {@value #WAITING} passwords wait.
 *       Networks of clients take turns ({@link FairQueue}). The same password of the same user
 *       waits once for each network, however many requests bring it.
 *   <li>Results are remembered under a keyed digest (HMAC-SHA256 with a random key of the process),
 *       never under the password: {@value #REMEMBERED} good ones for ten minutes, and {@value
 *       #REMEMBERED_BAD} bad ones for ten seconds. A changed file forgets all results.
 *   <li>An unknown user costs a hash as a known one does, so that response times do not tell which
 *       users exist.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class PasswordVerifier {
  /** The result of a verification. */
  enum Result {
    GOOD,
    BAD,
    /** Too many passwords wait. */
    BUSY
  }

  static final int WAITING = 128;
  private static final int REMEMBERED = 10_000;
  private static final int REMEMBERED_BAD = 1_000;
  private static final Duration GOOD_FOR = Duration.ofMinutes(10);
  private static final Duration BAD_FOR = Duration.ofSeconds(10);
  private static final long KEEP_ALIVE_SECONDS = 30;
  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec key;
  private final Executor executor;
  private final Cache<String, Result> good =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED)
          .expireAfterWrite(GOOD_FOR)
          .executor(Runnable::run)
          .build();
  private final Cache<String, Result> bad =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED_BAD)
          .expireAfterWrite(BAD_FOR)
          .executor(Runnable::run)
          .build();
  private final ConcurrentHashMap<Turn, CompletableFuture<Result>> running =
      new ConcurrentHashMap<>();

  /** What waits; the executor has as many tasks, each of which takes the next one. */
  private final FairQueue<Check> waiting = new FairQueue<>(WAITING);

  /**
   * A network's password.
   *
   * @param id under which its result is remembered
   */
  private record Turn(String id, ClientNetwork network) {}

  /**
   * A password that waits.
   *
   * @param known whether there is such a user
   */
  @SuppressWarnings("ArrayRecordComponent") // the future alone makes checks unequal
  private record Check(
      Turn turn,
      CompletableFuture<Result> to,
      boolean known,
      PasswordHash stored,
      byte[] password) {}

  /** Creates a verifier with threads of its own, which end when there is nothing to do. */
  PasswordVerifier() {
    this(threads());
  }

  /**
   * @param executor rejects what would wait too long
   */
  PasswordVerifier(Executor executor) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, HMAC);
    this.executor = executor;
  }

  private static Executor threads() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            count,
            count,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "understudy-passwords");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /**
   * Verifies a password; done at once if the result is remembered.
   *
   * @param users the list at present, and the number of its version
   * @param network of the client, which has one share of the places
   */
  CompletableFuture<Result> verify(
      UserFile.Version users, String name, byte[] password, ClientNetwork network) {
    if (users.list().users().isEmpty()) {
      return CompletableFuture.completedFuture(Result.BAD);
    }
    byte[] digest = digest(users.number(), name, password);
    String id = new String(digest, StandardCharsets.ISO_8859_1);
    Result known = remembered(id);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<Result> fresh = new CompletableFuture<>();
    Turn turn = new Turn(id, network);
    CompletableFuture<Result> earlier = running.putIfAbsent(turn, fresh);
    if (earlier != null) {
      return earlier;
    }
    UserList.User user = users.list().users().get(name);
    PasswordHash stored = user == null ? standIn(users, digest) : user.password();
    Check check = new Check(turn, fresh, user != null, stored, password);
    Check displaced = waiting.add(network, check);
    if (displaced != null) {
      // Its task is the newcomer's now.
      busy(displaced);
      return fresh;
    }
    try {
      executor.execute(this::checkNext);
    } catch (RejectedExecutionException e) {
      Check left = waiting.remove(network, check) ? check : waiting.poll();
      if (left != null) {
        busy(left);
      }
    }
    return fresh;
  }

  private @Nullable Result remembered(String id) {
    Result known = good.getIfPresent(id);
    return known == null ? bad.getIfPresent(id) : known;
  }

  private void busy(Check check) {
    running.remove(check.turn());
    check.to().complete(Result.BUSY);
  }

  private void checkNext() {
    Check next = waiting.poll();
    if (next == null) {
      return;
    }
    Result result = remembered(next.turn().id()); // by another network's turn
    try {
      result = result == null ? compute(next) : result;
    } finally {
      running.remove(next.turn());
      next.to().complete(result == null ? Result.BAD : result);
    }
  }

  private Result compute(Check check) {
    Result result = Result.BAD;
    try {
      // Always computed, and first: an unknown user costs the same.
      boolean same = PasswordCheck.matches(check.stored(), check.password());
      result = same && check.known() ? Result.GOOD : Result.BAD;
      return result;
    } finally {
      (result == Result.GOOD ? good : bad).put(check.turn().id(), result);
    }
  }

  /**
   * The hash of another user, chosen as if at random, in whose place the unknown one is checked.
   */
  private static PasswordHash standIn(UserFile.Version users, byte[] digest) {
    List<PasswordHash> all = users.hashes();
    return all.get(Math.floorMod(ByteBuffer.wrap(digest).getInt(), all.size()));
  }

  private byte[] digest(long version, String name, byte[] password) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      byte[] user = name.getBytes(StandardCharsets.UTF_8);
      mac.update(ByteBuffer.allocate(12).putLong(version).putInt(user.length).flip());
      mac.update(user);
      return mac.doFinal(password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }
}
