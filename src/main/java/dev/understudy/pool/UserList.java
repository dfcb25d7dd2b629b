package dev.understudy.pool;

import java.util.Map;
import java.util.Set;

/**
 * The users of one file, by name.
 *
 * @param users may be empty: nobody is admitted then
 */
public record UserList(Map<String, User> users) {
  /** Admits nobody. */
  public static final UserList EMPTY = new UserList(Map.of());

  /**
   * A user.
   *
   * @param groups may be empty
   */
  public record User(PasswordHash password, Set<String> groups) {
    public User {
      groups = Set.copyOf(groups);
    }
  }

  public UserList {
    users = Map.copyOf(users);
  }

  /** Omits the users. */
  @Override
  public String toString() {
    return "UserList[" + users.size() + "]";
  }
}
