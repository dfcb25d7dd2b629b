package dev.understudy.proxy.guard;

import dev.understudy.pool.PasswordHash;
import dev.understudy.pool.UserList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The users of one file as they are at present. Thread-safe. */
final class UserFile {
  /** Numbers the versions of all files, so that no two have the same. */
  private static final AtomicLong VERSIONS = new AtomicLong();

  /**
   * One content of a file.
   *
   * @param hashes of all users
   */
  record Version(long number, UserList list, List<PasswordHash> hashes) {}

  private volatile Version current = version(UserList.EMPTY);

  private static Version version(UserList list) {
    return new Version(
        VERSIONS.incrementAndGet(),
        list,
        list.users().values().stream().map(UserList.User::password).toList());
  }

  Version current() {
    return current;
  }

  /** Replaces the users, unless they are the same. */
  void use(UserList list) {
    if (!list.equals(current.list())) {
      current = version(list);
    }
  }
}
