#pragma once
#include <xlsxwriter.h>
// libxlsxwriter compresses with it; what it wrote is read back with it.
#include <zlib.h>
