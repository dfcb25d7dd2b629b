/**
 * Loads the classes and resources of {@code java -jar}: one index over all libraries in the jar,
 * where Spring Boot's loader, made for any jar, searches one library after the other. Half of a
 * start's time went there.
 *
 * <p>Deliberately absent: anything but the layout that the build makes, with libraries stored
 * uncompressed; Spring Boot's loader remains in the jar, and loads what is laid out otherwise. Of
 * manifests, all but versions; and searches of folders, for which Spring opens jars itself.
 */
@NullMarked
package dev.understudy.loading;

import org.jspecify.annotations.NullMarked;
