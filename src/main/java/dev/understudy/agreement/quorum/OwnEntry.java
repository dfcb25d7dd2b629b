package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entry of this replica's name in the register: whose it is, and how it is read and deleted.
 */
final class OwnEntry {
  private final Register register;
  private final DecisionThread loop;
  private final RegisterCache cache;
  private final QuorumSettings settings;
  private final RegisterKey key;

  OwnEntry(Register register, DecisionThread loop, RegisterCache cache, QuorumSettings settings) {
    this.register = register;
    this.loop = loop;
    this.cache = cache;
    this.settings = settings;
    this.key = RegisterKey.voter(settings.replica());
  }

  RegisterKey key() {
    return key;
  }

  /** The entry as far as it is known; null if there is none. */
  @Nullable RegisterEntry known() {
    return cache.entry(key);
  }

  /** Whether this process wrote it, or one that hands over to this one or took over from it. */
  boolean isOurs(RegisterEntry entry) {
    return voter(entry).incarnation().equals(settings.incarnation());
  }

  /** Whether another process wrote it that may live. */
  boolean isOfAnother(@Nullable RegisterEntry entry) {
    return entry != null && !isOurs(entry) && !isFromEarlierRunOfPod(voter(entry));
  }

  /** Whether an earlier container of this pod wrote it, which the kubelet has ended. */
  private boolean isFromEarlierRunOfPod(Voter voter) {
    return !voter.pod().isEmpty() && voter.pod().equals(settings.pod());
  }

  private Voter voter(RegisterEntry entry) {
    return VoterCodec.read(settings.replica(), entry.document());
  }

  void read(Consumer<@Nullable RegisterEntry> reader, Consumer<@Nullable Throwable> whenFailed) {
    loop.whenDone(
        register.get(key),
        (found, failure) -> {
          if (found != null) {
            reader.accept(found.orElse(null));
          } else {
            whenFailed.accept(failure);
          }
        });
  }

  /**
   * Deletes it at the revision that this process wrote last.
   *
   * @param gone completed once it is deleted, or cannot be
   */
  void delete(long revision, CompletableFuture<Void> gone) {
    cache.learnAbsent(key, revision);
    loop.whenDone(
        register.delete(key, revision),
        (nothing, failure) -> {
          if (RegisterFailures.isConflict(failure)) {
            deleteFound(gone);
          } else {
            gone.complete(null);
          }
        });
  }

  /**
   * Deletes it if it is ours, after a write of unknown outcome.
   *
   * @param gone completed once it is deleted, or cannot be
   */
  void deleteFound(CompletableFuture<Void> gone) {
    read(
        found -> {
          if (found != null && isOurs(found)) {
            loop.whenDone(
                register.delete(key, found.revision()), (nothing, failure) -> gone.complete(null));
          } else {
            gone.complete(null);
          }
        },
        failure -> gone.complete(null));
  }
}
