/** Loads esbuild in the checkout: it starts its process in the folder where it was loaded, which must not be a temporary one. */
import 'esbuild'
