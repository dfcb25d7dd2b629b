package dev.understudy.extension;

import java.net.URL;
import java.net.URLClassLoader;

/**
 * Loads the classes of all jars of the directory. Java's own and those of our libraries come first,
 * so that there is one Spring and one Reactor; of our own classes only those of the public package
 * are found.
 */
final class ExtensionClassLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String OURS = "dev.understudy.";
  private static final String PUBLIC = "dev.understudy.api.";

  ExtensionClassLoader(URL[] jars) {
    super("extensions", jars, ExtensionClassLoader.class.getClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.startsWith(OURS) && !name.startsWith(PUBLIC)) {
      throw new ClassNotFoundException(name + " is Understudy's own, and not for extensions");
    }
    return super.loadClass(name, resolve);
  }
}
