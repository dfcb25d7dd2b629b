package dev.understudy.loading;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads what is in a Spring Boot jar with one look-up each; all else comes from the parent. The
 * URLs of resources are those of Spring Boot's loader, which its handler opens if they are parsed
 * again; a file for a certain version of Java has the URL of the one that it stands for.
 */
public final class IndexedClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String REPLACED =
      "org.springframework.boot.loader.launch.LaunchedClassLoader";

  private final JarIndex index;
  private final ProtectionDomain domain;

  private IndexedClassLoader(JarIndex index, URL jar, ClassLoader parent) {
    super("understudy", parent);
    this.index = index;
    this.domain =
        new ProtectionDomain(
            new CodeSource(jar, (Certificate @Nullable []) null), null, this, null);
  }

  /**
   * A loader in place of Spring Boot's, or that one itself if it is none or its jar is not laid out
   * as the build does it. The jar stays open for the life of the process.
   */
  public static ClassLoader inPlaceOf(ClassLoader loader) {
    if (!loader.getClass().getName().equals(REPLACED)) {
      return loader;
    }
    try {
      URI jar = loader.getClass().getProtectionDomain().getCodeSource().getLocation().toURI();
      String prefix = prefix(jar);
      for (URL url : ((URLClassLoader) loader).getURLs()) {
        if (!url.toString().startsWith(prefix)) {
          // More than the jar, by a launcher that takes a path.
          return loader;
        }
      }
      return of(Path.of(jar), loader.getParent());
    } catch (IOException | URISyntaxException | RuntimeException e) {
      return loader;
    }
  }

  /**
   * Opens a Spring Boot jar.
   *
   * @throws IOException if it is not laid out as the build does it
   */
  static IndexedClassLoader of(Path jar, ClassLoader parent) throws IOException {
    URI uri = jar.toAbsolutePath().toUri();
    return new IndexedClassLoader(JarIndex.read(jar, prefix(uri)), uri.toURL(), parent);
  }

  private static String prefix(URI jar) {
    return "jar:nested:" + jar.getRawPath() + "/!";
  }

  /** Its own classes first: the parent has none of them, and would search for each. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> found = findLoadedClass(name);
      if (found == null) {
        found = name.startsWith("java.") ? null : define(name);
      }
      if (found == null) {
        return super.loadClass(name, resolve);
      }
      if (resolve) {
        resolveClass(found);
      }
      return found;
    }
  }

  private @Nullable Class<?> define(String name) throws ClassNotFoundException {
    try {
      int entry = index.find(name.replace('.', '/') + ".class");
      if (entry < 0) {
        return null;
      }
      byte[] content = index.read(entry);
      definePackage(name, entry);
      return defineClass(name, content, 0, content.length, domain);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  /**
   * With the version alone of what a manifest says, which Spring Boot and Reactor Netty ask for.
   */
  private void definePackage(String className, int entry) throws IOException {
    int dot = className.lastIndexOf('.');
    String name = dot < 0 ? "" : className.substring(0, dot);
    if (getDefinedPackage(name) == null) {
      try {
        definePackage(name, null, null, null, null, index.version(entry), null, null);
      } catch (IllegalArgumentException e) {
        // Another thread has defined it.
        return;
      }
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    throw new ClassNotFoundException(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    try {
      int entry = index.find(name);
      if (entry >= 0) {
        return url(name, entry);
      }
      int folder = index.find(name + "/");
      return folder < 0 ? null : url(name, folder);
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) throws IOException {
    List<URL> found = new ArrayList<>();
    for (int entry : index.findAll(name)) {
      found.add(url(name, entry));
    }
    if (found.isEmpty()) {
      for (int entry : index.findAll(name + "/")) {
        found.add(url(name, entry));
      }
    }
    return Collections.enumeration(found);
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    try {
      // The build leaves our own META-INF to the parent, and each library has one too.
      int entry = name.startsWith("META-INF/") ? -1 : index.find(name);
      return entry < 0
          ? super.getResourceAsStream(name)
          : new ByteArrayInputStream(index.read(entry));
    } catch (IOException e) {
      return null;
    }
  }

  private URL url(String name, int entry) throws IOException {
    try {
      String path = new URI(null, null, "/" + name, null).getRawPath().substring(1);
      return URL.of(URI.create(index.source(entry) + path), new Handler(entry));
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /** Opens the URL of one file without another search. */
  private final class Handler extends URLStreamHandler {
    private final int entry;
    private @Nullable String text;

    Handler(int entry) {
      this.entry = entry;
    }

    /** A URL made relative to the first one has its handler, but is Spring Boot's. */
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      return url.toString().equals(text)
          ? new Connection(url, entry)
          : URI.create(url.toString()).toURL().openConnection();
    }

    @Override
    protected void parseURL(URL url, String spec, int start, int limit) {
      super.parseURL(url, spec, start, limit);
      if (text == null) {
        text = url.toString();
      }
    }
  }

  private final class Connection extends URLConnection {
    private final int entry;

    Connection(URL url, int entry) {
      super(url);
      this.entry = entry;
    }

    @Override
    public void connect() {
      connected = true;
    }

    @Override
    public long getContentLengthLong() {
      return index.size(entry);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new ByteArrayInputStream(index.read(entry));
    }
  }
}
