package dev.understudy;

import java.lang.reflect.InvocationTargetException;

/**
 * The entry point: refuses an old Java in one line, then delegates to {@code Launcher}.
 *
 * <p>Compiled for an older Java than the rest, so that it can run and report the required version;
 * therefore refers to the program's other classes only by name.
 */
public final class Main {

  private static final int REQUIRED_JAVA = 21;

  private Main() {}

  public static void main(String[] args) throws Throwable {
    int found = Runtime.version().feature();
    if (found < REQUIRED_JAVA) {
      System.err.println(
          "understudy: needs Java "
              + REQUIRED_JAVA
              + " or newer; this is Java "
              + found
              + " ("
              + System.getProperty("java.home")
              + ")");
      System.exit(1);
    }
    try {
      Class.forName("dev.understudy.application.Launcher")
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
